"""Breaks pipelines on purpose, and holds the answer of `check` against what it promises."""
