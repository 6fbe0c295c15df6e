"""One model under everything that joins: tracks of clips on the frame grid of a film."""
