"""Provenance: what made a media file, in a note inside the file itself.

    a run      History → Provenance → text   (history.py, record.py, writing.py)
    a reader   text → Provenance             (reading.py)
               Provenance → pipeline         (pipeline.py)

Anybody can write a note: it is read as data, within limits, and proves nothing.
"""
