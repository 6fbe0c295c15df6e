"""One module for each `media/` operation."""
