"""Inputs, tables and media files: what a person gives to a pipeline, checked against its types."""
