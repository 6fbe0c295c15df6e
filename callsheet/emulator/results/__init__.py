"""The results that the emulator makes up: media, text, answers of language models."""
