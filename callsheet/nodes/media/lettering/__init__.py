"""Labels and credits: texts as pictures that are laid over a film."""
