"""Builds requests to language models and reads their answers."""
