"""Measures and mixes sound: loudness, levels, ducking, room tone, a limiter."""
