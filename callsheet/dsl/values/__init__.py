"""Inputs, tables and media files that a user gives to a pipeline, checked against its types."""
