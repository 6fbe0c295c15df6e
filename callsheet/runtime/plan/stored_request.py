"""Reads the request of a run from a ledger or a plan file, checked by pydantic."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from callsheet.runtime.plan.run_request import RunRequest


class StoredRequest(BaseModel):
    """The format of version 0.1.0, in which `unpriced` was a yes or no. sets: "name=value" each."""

    model_config = ConfigDict(extra="forbid", strict=True)

    file: str
    sets: list[str] = []
    inputs: str | list[str] | None = None
    only: list[str] = []
    out: str = "out"
    budget: float | None = None
    unpriced: bool | float = False
    trust: bool = False
    profile: str = ""
    each: str | None = None

    def request(self) -> RunRequest:
        inputs = [self.inputs] if isinstance(self.inputs, str) else self.inputs or []
        sets = (text.partition("=") for text in self.sets)
        return RunRequest(
            Path(self.file),
            {name.strip(): value for name, _, value in sets},
            tuple(map(Path, inputs)),
            tuple(self.only),
            Path(self.out),
            self.budget,
            self.unpriced,
            self.trust,
            self.profile,
            Path(self.each) if self.each else None,
        )


def read_request(text: str) -> RunRequest:
    """The request that a ledger keeps as JSON. Raises ValueError for any other text."""
    return StoredRequest.model_validate_json(text).request()
