"""fal: its queue, storage and platform API. Facts from fal's documentation and official clients, 2026."""
