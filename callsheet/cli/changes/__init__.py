"""What differs between two states of a film, for reading: as text and as markdown."""
