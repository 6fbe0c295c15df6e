"""What differs between two states of a film: two files, two revisions in git, two runs.

side        one state: its plan, and each instance's own request
request     a request as a value, with names standing for what is not known before a run
pairs       which instance of one state is which of the other
words       how two values differ, in words
changes     what compare finds, as values
compare     two sides → changes
runs        two runs of the ledger → changes
diff        two files, revisions or runs → changes
"""
