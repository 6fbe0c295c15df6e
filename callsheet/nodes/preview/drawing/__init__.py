"""What a preview draws: cards, scenes, figures, camera moves."""
