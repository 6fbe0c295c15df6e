"""Notes that people give on a film: kept beside the pipeline, bound to the take that they are about.

note        one note, as values and as JSON
notes_file  the file of the notes: read leniently, written whole
subject     what a note is about, and whether that is still what the film shows
place       where a note is, as a person says it
review      the notes beside the state of the film: which are on an old take
change      adds, answers, closes and reopens notes
"""
