"""Type checks of nodes and edges, before anything is expanded."""
