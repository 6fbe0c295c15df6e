"""What can go wrong, as a tree.

    CallsheetError
    ├── PipelineError      the user's file: carries every diagnostic of it
    ├── InputError         the user's command line: a bad --set, an unwritable folder
    │   └── PlugInError    a plug-in that cannot be used: it breaks at import, or is no node
    ├── NodeError          one node could not be made; its kind says what may follow
    └── StoreError         the content store or the disk under it

A `NodeError` has a kind (see DESIGN): *rejected*, *unavailable*, *failed*, *declined*, *unknown*, *local* or
*bug*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from callsheet.dsl.diagnostics.diagnostic import Diagnostic
    from callsheet.spec.json_documents import ErrorJson

NAMED: Final = 3
"""Errors that `str()` of a PipelineError names."""

Kind = Literal["rejected", "unavailable", "failed", "declined", "unknown", "local", "bug"]


FALLS: Final[tuple[Kind, ...]] = ("rejected", "unavailable", "failed")
"""The kinds of failure after which an alternative is tried, if it does not name others."""


class CallsheetError(Exception):
    """Anything callsheet raises on purpose. `next_step` says what the person can do."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def to_json(self) -> ErrorJson:
        """As JSON values. kind: the name of the class."""
        return {"kind": type(self).__name__, "message": self.message, "next_step": self.next_step}


class PipelineError(CallsheetError):
    """The pipeline file has errors; `diagnostics` holds all of them and the warnings, in file order.

    `str()` of it names the first errors with their places.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        count = len(self.errors)
        super().__init__(f"{count} error{'' if count == 1 else 's'} in the pipeline")

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(d for d in self.diagnostics if d.severity == "error")

    def to_json(self) -> ErrorJson:
        """With every diagnostic of the file."""
        found = [diagnostic.to_json() for diagnostic in self.diagnostics]
        return {**super().to_json(), "diagnostics": found}

    def __str__(self) -> str:
        errors = self.errors
        lines = [f"{d.span.place}: {d.code}: {d.message}" for d in errors[:NAMED]]
        more = [f"and {len(errors) - NAMED} more"] if len(errors) > NAMED else []
        return "\n  ".join([self.message, *lines, *more])


class InputError(CallsheetError):
    """The command line or the surroundings are wrong, not the pipeline file."""


class PlugInError(InputError):
    """A plug-in that was named cannot be used."""


class NodeError(CallsheetError):
    """One instance could not be made. report: more lines about it, for whoever repairs it; "" for none.
    about_account: a key or an account is the trouble, and not what was asked for."""

    report: str = ""
    about_account: bool = False

    def __init__(self, message: str, kind: Kind, next_step: str = "") -> None:
        super().__init__(message, next_step)
        self.kind: Kind = kind


class StoreError(CallsheetError):
    """The content store cannot keep what was made (disk full, not writable)."""
