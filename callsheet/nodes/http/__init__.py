"""HTTP requests: which addresses are allowed, how much of a reply is read, who gets a key."""
