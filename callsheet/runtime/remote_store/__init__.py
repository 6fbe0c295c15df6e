"""What a team shares: results in a common place, pinned by the lock."""
