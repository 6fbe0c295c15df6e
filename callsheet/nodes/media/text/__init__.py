"""Fonts and lines of text in pictures."""
