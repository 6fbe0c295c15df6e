"""Text nodes: what `uses: text/…` can name."""
