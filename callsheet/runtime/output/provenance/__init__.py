"""Where a media file came from: a note inside the file itself.

    a run      History → Provenance → text   (history.py, record.py, writing.py)
    a reader   text → Provenance             (reading.py)
               Provenance → pipeline         (pipeline.py)

Whoever has a file can write its note: it is read as data, within bounds, and proves nothing.
"""
