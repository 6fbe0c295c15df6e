"""Takes and picks from a lock file, in the form that the compiler takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.values.inputs import Decided
from callsheet.errors import PipelineError
from callsheet.runtime.lock.model import Lock
from callsheet.spec.rules import lock as rules

if TYPE_CHECKING:
    from callsheet.runtime.lock.lock_file import LockFile


def decided_in(lock_file: Callable[[], LockFile], picks: bool, report: Report) -> Decided:
    """The takes and, with `picks`, the picks in a lock file. Problems of the file are added to `report`."""
    try:
        file = lock_file()
        found = decided_by(file.lock, file.path)
    except PipelineError as error:
        for diagnostic in error.diagnostics:
            report.include(diagnostic)
        return Decided()
    left = list(_left(file.lock))
    if left:
        pipeline = file.pipeline.name
        report.add(Span(Source(file.path, ""), 0, 0), rules.left_by_merge(left, pipeline))
    return found if picks else replace(found, picks={})


def _left(lock: Lock) -> Iterator[str]:
    """The addresses of which a merge left several results that were bought."""
    for address, block in lock.instances.items():
        rejected = {decision.key for decision in block.rejected}
        paid = {made.key for made in block.results if made.uses in lock.endpoints}
        if len(paid - rejected) > 1:
            yield address


def decided_by(lock: Lock, path: Path) -> Decided:
    """The takes and picks of a lock file at `path`."""
    blocks = lock.instances.items()
    return Decided(
        takes={address: block.takes for address, block in blocks if block.takes is not None},
        picks={address: block.pick for address, block in blocks if block.pick is not None},
        where=path.name,
    )
