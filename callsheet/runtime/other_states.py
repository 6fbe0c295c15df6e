"""Results that were paid for in the state of another project near this one.

Earlier versions kept their state in the folder that a person stood in. Before anything is bought, it is
looked up there, and nothing there is changed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, NodeError
from callsheet.runtime.ledger import SENT, LedgerFile, LedgerReader
from callsheet.runtime.plan.forecast import COSTS
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import ForeignCache
from callsheet.runtime.workspace import LEDGER, Workspace
from callsheet.spec.project import project_root, state_folders

MOST_NAMED: Final = 4


class OtherState:
    """The state in the folder `state`, to be read. Raises LedgerError for a ledger that cannot be."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._cache = ForeignCache(Store(state))
        file = LedgerFile(state / LEDGER)
        self._ledger = LedgerReader(file) if file.exists else None

    def paid(self, key: str, own: LedgerReader | None, again: bool = False) -> bool:
        """Whether the result of a call is there, or under way, and not in the ledger `own`. again: it is to
        be made once more, so that only a request under way counts."""
        if self._ledger is not None:
            done = None if again else self._ledger.committed(key)
            last = self._ledger.last(key)
            under_way = last if last is not None and last.state in SENT else None
            found = [attempt for attempt in (done, under_way) if attempt is not None]
            if found:
                return not all(own is not None and own.knows(attempt) for attempt in found)
        return not again and self._cache.find(key) is not None

    def close(self) -> None:
        self._cache.close()
        if self._ledger is not None:
            self._ledger.close()


@dataclass(frozen=True, slots=True)
class PaidElsewhere:
    """Results that a run would buy, and that are paid for in another state."""

    state: Path
    addresses: tuple[str, ...]
    project: Path

    def __str__(self) -> str:
        named = ", ".join(self.addresses[:MOST_NAMED])
        more = len(self.addresses) - MOST_NAMED
        named += f" and {more:,} more" if more > 0 else ""
        return f"paid for already, in {self.state}: {named}"

    @property
    def next_step(self) -> str:
        """The command that takes the other state over."""
        return f"take it over: {adopt_command(self.state, self.project)}"


def adopt_command(state: Path, project: Path) -> str:
    """`callsheet adopt-state PATH`, as it is typed in the current folder."""
    here = project_root(Path()).resolve() == project.resolve()
    into = [] if here else ["--project", str(project)]
    return shlex.join(["callsheet", "adopt-state", str(state.parent), *into])


class OtherStates:
    """The states of other projects near the one of `workspace`. A run for which a person chose a state folder
    has none."""

    def __init__(self, workspace: Workspace, pipeline: Path) -> None:
        """pipeline: the file. Raises LedgerError for a ledger that cannot be read."""
        self._workspace = workspace
        folders = state_folders(pipeline.parent, workspace.root) if workspace.is_own else ()
        self._states = [OtherState(state) for state in folders]

    def __enter__(self) -> OtherStates:
        return self

    def __exit__(self, *_: object) -> None:
        for state in self._states:
            state.close()

    def paid(self, plan: Plan) -> PaidElsewhere | None:
        """What a run of `plan` would buy, and is paid for in the first of the others that has any of it."""
        own = self._own() if self._states else None
        calls = list(_calls(plan)) if self._states else []
        for other in self._states:
            there = [address for address, key, again in calls if other.paid(key, own, again)]
            if there:
                return PaidElsewhere(other.state, tuple(there), self._workspace.root)
        return None

    def refuse(self, key: str, again: bool) -> None:
        """Raises NodeError where the result of a call is paid for in one of them. again: as in
        `OtherState.paid`."""
        for other in self._states:
            if other.paid(key, self._own(), again):
                found = f"it is paid for already, in {other.state}"
                step = f"take it over: {adopt_command(other.state, self._workspace.root)}"
                raise NodeError(found, "local", step)

    def _own(self) -> LedgerReader | None:
        return self._workspace.ledger_reader(may_pay=True)


def paid_elsewhere(plan: Plan, workspace: Workspace) -> PaidElsewhere | None:
    """What a run of `plan` would buy, and is paid for in the state of another project near this one."""
    with OtherStates(workspace, plan.graph.path) as others:
        return others.paid(plan)


def require_own_state(plan: Plan, workspace: Workspace) -> None:
    """Make sure that nothing is bought that is paid for elsewhere. Raises InputError, before anything is
    sent."""
    if found := paid_elsewhere(plan, workspace):
        raise InputError(f"nothing was sent; {found}", found.next_step)


def _calls(plan: Plan) -> Iterator[tuple[str, str, bool]]:
    """Address and key of each call that would be paid, and whether it is to be made once more."""
    for found in plan.forecasts:
        step = found.step
        if found.action in COSTS and found.key and step.provider not in plan.workers:
            yield step.address, found.key, plan.graph.instances[step.address].options.cache != "auto"
