"""Faults on request: what may go wrong, when, and how a reply is broken."""
