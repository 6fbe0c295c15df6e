"""What a run was started with, as values. The ledger and saved plans keep it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callsheet.spec.batch import EACH
from callsheet.spec.project import OUT, from_root

if TYPE_CHECKING:
    from callsheet.runtime.plan.run_options import RunOptions, RunSettings


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run makes, and its limits.

    file: the pipeline. sets: input name → text, as `--set` takes it. inputs: YAML or JSON files of input
    values. only: addresses or node names. out: the folder of the results; `OUT` is the project's own. budget:
    USD that may be spent, None for no limit. unpriced: USD that each call without a known price counts as
    under a budget; False where no such call is allowed, True where nobody said what it counts as. trust: run
    the code files beside the pipeline that it names. profile: of `callsheet.toml`, "" for none. each: the
    table of a batch, by itself that of the command that runs; None for one film.
    """

    file: Path
    sets: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()
    out: Path = OUT
    budget: float | None = None
    unpriced: bool | float = False
    trust: bool = False
    profile: str = ""
    each: Path | None = field(default_factory=EACH.get)

    def under(self, budget: float | None, unpriced: bool | float) -> RunRequest:
        """The same with other limits; None and False leave a limit as it is."""
        return replace(
            self,
            budget=self.budget if budget is None else budget,
            unpriced=self.unpriced if unpriced is False else unpriced,
        )

    def options(self, root: Path = Path(), settings: RunSettings | None = None) -> RunOptions:
        """The options of a run with this request. root: of the project. settings: the others."""
        from callsheet.runtime.plan.run_options import RunOptions, RunSettings

        settings = settings or RunSettings()
        return RunOptions(
            **{field.name: getattr(settings, field.name) for field in fields(RunSettings)},
            only=self.only,
            out=self.out,
            budget=self.budget,
            unpriced=None if isinstance(self.unpriced, bool) else self.unpriced,
            record=json.dumps(self._from(root).to_json(), ensure_ascii=False),
        )

    def at(self, root: Path) -> RunRequest:
        """The request that was recorded in the project at `root`, with paths that start at this folder."""
        return self._moved(lambda path: root / path)

    def _from(self, root: Path) -> RunRequest:
        """The same with paths that start at `root`, so that it can be continued from any folder."""
        return self if root == Path() else self._moved(lambda path: from_root(path, root))

    def _moved(self, to: Callable[[Path], Path]) -> RunRequest:
        return replace(
            self,
            file=to(self.file),
            inputs=tuple(map(to, self.inputs)),
            out=self.out if self.out == OUT else to(self.out),
            each=to(self.each) if self.each else None,
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values in the format of ledgers and plan files. A profile and a table are named since version
        0.2.0."""
        return {
            "file": str(self.file),
            "sets": [f"{name}={value}" for name, value in self.sets.items()],
            "inputs": written(self.inputs),
            "only": list(self.only),
            "out": str(self.out),
            "budget": self.budget,
            "unpriced": self.unpriced,
            "trust": self.trust,
            **({"profile": self.profile} if self.profile else {}),
            **({"each": str(self.each)} if self.each else {}),
        }


def written(files: Sequence[Path]) -> str | list[str] | None:
    """Files of input values as the format has them: none, one, or (since version 0.2.0) several."""
    names = [str(path) for path in files]
    return names if len(names) > 1 else next(iter(names), None)
