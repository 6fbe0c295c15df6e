"""Resolves a lock file in which a git merge left both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.errors import PipelineError
from callsheet.runtime.lock.model import Block, Lock
from callsheet.runtime.lock.read import ENTRY, MARK, parse, read
from callsheet.runtime.lock.write import write

TOLERATED: Final = {"yaml-duplicate-key", "lock-empty"}
"""Codes of problems that a merge may leave. The first of two entries counts; an empty entry is ignored."""
TWICE: Final = re.compile(rf"^({ENTRY}\n)(?:{ENTRY}\n)+", re.MULTILINE)
OURS, BASE, THEIRS = "<", "|", ">"


def resolve_conflict(path: Path) -> bool:
    """Write the lock at `path` again if a merge left both sides in it. Returns whether it did.

    Raises PipelineError for a file with other problems, StoreError.
    """
    try:
        read(path)
    except PipelineError:
        return write(resolved(path), path)
    return False


def resolved(path: Path) -> Lock:
    """The lock at `path`. From two sides of a merge it takes all instances, the decisions of both, and for
    the rest the first side. Raises PipelineError for a file with other problems."""
    try:
        return read(path)
    except PipelineError as error:
        codes = {diagnostic.code for diagnostic in error.diagnostics}
        if not codes <= {"lock-conflict", *TOLERATED}:
            raise
    text = path.read_text("utf-8")
    ours, theirs = (
        _side(Source(path, TWICE.sub(r"\1", "".join(_lines(text, side))))) for side in (OURS, THEIRS)
    )
    return _joined(ours, theirs)


def _side(source: Source) -> Lock:
    report = Report()
    lock = parse(source, report)
    broken = [found for found in report.sorted() if found.code not in TOLERATED]
    if broken:
        raise PipelineError(broken)
    return lock


def _lines(text: str, side: str) -> Iterator[str]:
    """The lines of one side of a text with conflict markers."""
    now = ""
    for line in text.splitlines(keepends=True):
        if MARK.fullmatch(line.rstrip("\r\n")):
            now = {"<": OURS, "|": BASE, "=": THEIRS, ">": ""}[line[0]]
        elif now in ("", side):
            yield line


def _joined(ours: Lock, theirs: Lock) -> Lock:
    blocks = {**theirs.instances, **ours.instances}
    for address, other in theirs.instances.items():
        blocks[address] = _with_decisions(blocks[address], other)
    return replace(
        ours,
        recipes={**theirs.recipes, **ours.recipes},
        endpoints={**theirs.endpoints, **ours.endpoints},
        instances=blocks,
    )


def _with_decisions(block: Block, other: Block) -> Block:
    return replace(
        block,
        takes=block.takes or other.takes,
        pick=block.pick or other.pick,
        approved=block.approved or other.approved,
    )
