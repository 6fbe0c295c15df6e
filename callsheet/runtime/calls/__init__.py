"""Paid calls: sent at most once per attempt, and never lost once accepted."""
