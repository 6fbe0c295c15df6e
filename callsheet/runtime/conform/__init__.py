"""Takes a cut over that was made in an editing program: which shot each of its clips shows."""
