"""Breaks pipelines on purpose, in thousands of ways, and holds the answer of `check` against what it promises."""
