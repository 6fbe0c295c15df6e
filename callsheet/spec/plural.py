"""Counts in words."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """`1 node`, `1,200 nodes`; of several words, the first is counted: `2 calls without a price`."""
    word, space, rest = noun.partition(" ")
    return f"{count:,} {word}{'' if count == 1 else 's'}{space}{rest}"
