"""Compares two states of a film: two files, two revisions in git, or two runs.

states      two states of a project's folder, from git
side        one state of a film: its plan, and the request of each instance
read_side   a pipeline file → a side
locked      what lock files say of a side: which of its requests are paid
request     a request as a value, with names for what is not known before a run
pairs       which instance of one state is which of the other
text_diff   how two values differ, in words
changes     the differences, as values
compare     two sides → changes
film_pairs  which film of one state is which of the other
film_changes  the differences of several films, as values
films       several films in two revisions → changes
runs        two runs in the ledger → changes
diff        two files, revisions or runs → changes
"""
