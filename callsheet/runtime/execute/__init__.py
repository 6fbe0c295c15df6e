"""Runs a plan: the scheduler, one instance, retries, and the result."""
