"""What people decided about a pipeline, as the front end takes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.values.inputs import Decided
from callsheet.errors import PipelineError
from callsheet.runtime.lock.model import Lock, lock_path
from callsheet.runtime.lock.read import read


def decided_in(pipeline: Path, picks: bool, report: Report) -> Decided:
    """The takes and, if asked for, the picks in the lock beside `pipeline`. What is wrong with the lock is
    reported."""
    path = lock_path(pipeline)
    try:
        found = decided_by(read(path), path)
        return found if picks else replace(found, picks={})
    except PipelineError as error:
        for diagnostic in error.diagnostics:
            report.include(diagnostic)
        return Decided()


def decided_by(lock: Lock, path: Path) -> Decided:
    """The decisions of a lock that lies at `path`."""
    blocks = lock.instances.items()
    return Decided(
        takes={address: block.takes for address, block in blocks if block.takes is not None},
        picks={address: block.pick for address, block in blocks if block.pick is not None},
        where=path.name,
    )
