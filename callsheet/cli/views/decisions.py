"""What a person decided about results, in lines."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path


def decision_lines(decided: Mapping[str, bool], word: str, file: Path) -> Iterator[str]:
    """A line for each address whose decision changed, and the next command.

    decided: address → whether it holds; False for a decision that was taken back. word: `approved`.
    """
    for address, holds in decided.items():
        yield f"{word if holds else f'no longer {word}'}: {address}"
    yield f"next: {shlex.join(['callsheet', 'run', str(file)])}"
