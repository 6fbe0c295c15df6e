"""Compares two states of a film: two files, two revisions in git, or two runs.

side        one state: its plan, and the request of each instance
request     a request as a value, with names for what is not known before a run
pairs       which instance of one state is which of the other
text_diff   how two values differ, in words
changes     the differences, as values
compare     two sides → changes
runs        two runs in the ledger → changes
diff        two files, revisions or runs → changes
"""
