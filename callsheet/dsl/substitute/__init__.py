"""A file for another model: the spans that say something else are rewritten, every other byte stays.

edits        changes to a text, by place
legal        the nearest value that a parameter takes
carry        which parameter of the one model is which of the other
chosen       names that nodes choose among
references   what other nodes read of it
rewrite      all of it, for one file
"""
