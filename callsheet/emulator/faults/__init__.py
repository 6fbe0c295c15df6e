"""Faults on request: their kinds, which calls they hit, and how they break a reply."""
