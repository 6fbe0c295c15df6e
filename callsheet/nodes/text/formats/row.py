"""What every shot list becomes first: rows of named texts, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One shot as written. line: where it begins, from 1. cells: canonical column → text, none empty."""

    line: int
    cells: Mapping[str, str]


class ShotListError(Exception):
    """A shot list that cannot be read. line: from 1, or 0 for the whole of it."""

    def __init__(self, line: int, message: str, help: str) -> None:
        super().__init__(message)
        self.line, self.message, self.help = line, message, help
