"""Requests to language models, and the reading of their answers."""
