"""Local media operations: what `uses: media/…` can name. Nothing here loads a media library."""
