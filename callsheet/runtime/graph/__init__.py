"""Which instance depends on which. The only package that imports networkx."""
