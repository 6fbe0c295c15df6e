"""The result of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callsheet.errors import CallsheetError, StoreError
from callsheet.runtime.events import NodeFailed, Status
from callsheet.spec import html
from callsheet.spec.money import money
from callsheet.spec.values import leaves


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """The result of a run.

    outputs: the pipeline's outputs that were made, media as paths under out/. usd: what the run cost in USD,
    as billed where that is known, else as expected. unpriced: calls that `usd` does not cover, since nobody
    knows their price. failures: the instances that could not be made. error: any other problem (the disk, an
    output). stuck: how many jobs did not stop in time; their threads may still run. notes: messages about
    bills, the shared store, and files in the way of results.
    """

    status: Status
    outputs: Mapping[str, object]
    failures: tuple[NodeFailed, ...] = ()
    error: CallsheetError | None = None
    stuck: int = 0
    notes: tuple[str, ...] = ()
    usd: float = 0.0
    unpriced: int = 0

    @property
    def exit_code(self) -> int:
        """0 done, 1 a node failed, 3 a bug or the disk, 4 waiting for an approval, 130 interrupted."""
        if self.status == "interrupted":
            return 130
        if isinstance(self.error, StoreError) or any(failure.kind == "bug" for failure in self.failures):
            return 3
        return {"done": 0, "waiting": 4}.get(self.status, 1)

    def __repr__(self) -> str:
        failed = f", {len(self.failures):,} failed" if self.failures else ""
        return f"<Result {self.status}: {', '.join(self.outputs) or 'no outputs'}{failed}, {self._spent}>"

    @property
    def _spent(self) -> str:
        more = f", {self.unpriced:,} of unknown price" if self.unpriced else ""
        return f"{'≥ ' if self.unpriced else ''}{money(self.usd)}{more}"

    def _repr_html_(self) -> str:
        """The outputs and failures as a table, for a notebook."""
        title = f"{self.status}, {self._spent}"
        return html.table(title, ("", "", ""), list(self._rows()), self.error.message if self.error else "")

    def _rows(self) -> Iterator[html.Row]:
        for name, value in self.outputs.items():
            yield from (("output", name, str(leaf)) for leaf in leaves(value, object))
        yield from (("failed", f.address, f"{f.kind}: {f.message}") for f in self.failures)
