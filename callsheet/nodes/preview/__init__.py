"""The preview provider: every endpoint performed offline, as something to look at or listen to."""
