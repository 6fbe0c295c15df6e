"""Reads lists of shots from files: tables, Fountain, Storyboarder."""
