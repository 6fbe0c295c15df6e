"""A node with axes and takes becomes its instances."""
