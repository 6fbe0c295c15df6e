"""What a person decided about results, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from callsheet.spec import shell


def decision_lines(decided: Mapping[str, bool], word: str, file: Path) -> Iterator[str]:
    """A line for each address whose decision changed, and the next command.

    decided: address → whether it holds; False for a decision that was taken back. word: `approved`.
    """
    for address, holds in decided.items():
        yield f"{word if holds else f'no longer {word}'}: {address}"
    yield f"next: {shell.command(['callsheet', 'run', str(file)])}"
