"""What a preview draws: scenes, people, things, camera moves, bands."""
