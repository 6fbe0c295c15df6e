"""Cuts that people made in an editing program: reads them, and makes them the clips of `media/timeline`."""
