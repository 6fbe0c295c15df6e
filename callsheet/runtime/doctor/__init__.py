"""What works here and what does not: the machine, the keys, the project, and what it has bought."""
