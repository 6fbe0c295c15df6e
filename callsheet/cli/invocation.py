"""How a run was started, kept in the ledger so that it can be taken up again."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """The arguments of `callsheet run` that decide what is made."""

    file: str
    sets: tuple[str, ...] = ()
    inputs: str | None = None
    only: tuple[str, ...] = ()
    out: str = "out"
    budget: float | None = None
    unpriced: bool = False
    trust: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Raises ValueError for what is no record."""
        data = json.loads(text)
        return cls(**{**data, "sets": tuple(data["sets"]), "only": tuple(data["only"])})

    def arguments(self) -> list[str]:
        """As they are typed, without the verb."""
        return [*self._what(), *self._limits()]

    def command_line(self, preview: bool) -> str:
        """`callsheet run …` as a shell takes it, without addresses and limits: what tries it again."""
        what = replace(self, only=())._what()
        return shlex.join(["callsheet", "run", *what, *(["--preview"] if preview else [])])

    def plan_command(self, path: Path) -> str:
        """`callsheet plan … -o path` as a shell takes it."""
        return shlex.join(["callsheet", "plan", *replace(self, out="out")._what(), "-o", str(path)])

    def _what(self) -> list[str]:
        found = [self.file]
        for text in self.sets:
            found += ["--set", text]
        if self.inputs:
            found += ["--inputs", self.inputs]
        for address in self.only:
            found += ["--only", address]
        found += ["--trust"] if self.trust else []
        return [*found, "--out", self.out] if self.out != "out" else found

    def _limits(self) -> list[str]:
        budget = [] if self.budget is None else ["--budget", str(self.budget)]
        return [*budget, *(["--unpriced"] if self.unpriced else [])]
