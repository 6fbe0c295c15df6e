"""The compiler: from the text of a pipeline file to a typed graph. Opens no connection, writes no file."""
