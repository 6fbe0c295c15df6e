"""Errors and warnings about a file: their place, their text, and how they are printed."""
