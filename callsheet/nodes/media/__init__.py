"""Local media operations (`uses: media/…`), and the reading and writing of media files."""
