"""Requests over the internet: who may be asked, how much is read, what is shown."""
