"""The folder `out/`: file names, the manifest, and the notes inside of media files."""
