"""Local media operations: what `uses: media/…` can name."""
