"""Nodes with axes, recipes and takes become instances."""
