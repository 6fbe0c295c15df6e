"""A live page to look at a film: plays it, takes notes and decisions, and shows a run as it goes."""
