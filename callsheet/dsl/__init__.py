"""The compiler: from the text of a pipeline file to a typed graph. It opens no connection and writes no file."""
