"""The preview provider: every endpoint performed offline, for nothing, as something to look at or listen to."""
