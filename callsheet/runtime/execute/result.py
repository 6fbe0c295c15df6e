"""What came of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callsheet.errors import CallsheetError, StoreError
from callsheet.runtime.events import NodeFailed, Status


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    outputs: the pipeline's outputs that could be made, media as paths under out/. failures: the
    instances that could not be made. error: what is wrong beyond them (the disk, an output). stuck:
    jobs that did not stop in time; their threads may still be at work. notes: what the person should know
    of the shared store.
    """

    status: Status
    outputs: Mapping[str, object]
    failures: tuple[NodeFailed, ...] = ()
    error: CallsheetError | None = None
    stuck: int = 0
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 done, 1 a node failed, 3 our bug or the store, 4 waiting for a person, 130 interrupted."""
        if self.status == "interrupted":
            return 130
        if isinstance(self.error, StoreError) or any(failure.kind == "bug" for failure in self.failures):
            return 3
        return {"done": 0, "waiting": 4}.get(self.status, 1)
