"""The provider fal: its queue, storage and platform API, after fal's documentation and official clients
(2026)."""
