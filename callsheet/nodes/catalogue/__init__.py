"""The catalogue of models: generated facts about every endpoint, and hand-written knowledge that overrides
them."""
