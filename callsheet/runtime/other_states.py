"""Results that were paid for in the state of another project near this one.

Earlier versions kept their state in the folder that a person stood in. Before anything is bought, it is
looked up there, and nothing there is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, NodeError
from callsheet.runtime.ledger import SENT, LedgerFile, LedgerReader, on_server
from callsheet.runtime.plan.forecast import COSTS
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import ForeignCache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.node import NodeSpec
from callsheet.spec.project import LEDGER, STATE, project_root, state_folders

MOST_NAMED: Final = 4
"""Addresses that a message names at most."""


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

    def find(self, key: str) -> Outputs | None:
        """The result of a call, as it is stored there."""
        return self._cache.find(key)

    def close(self) -> None:
        self._cache.close()
        if self._ledger is not None:
            self._ledger.close()


class FormerLedger(OtherState):
    """The ledger that a project had in its folder before it got one on a server."""

    def find(self, key: str) -> Outputs | None:
        """Nothing: the project's own cache has its results."""
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a run would pay. usd: its price at most, None where nobody knows. again: whether it is to
    be made once more."""

    address: str
    key: str
    usd: float | None
    again: bool


@dataclass(frozen=True, slots=True)
class PaidElsewhere:
    """Calls that a run would pay, and that are paid for. state: the folder that has the results, None where
    only the file `lock` says so. project: the folder of the project that lacks them."""

    calls: tuple[Call, ...]
    project: Path
    state: Path | None = None
    lock: Path | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(call.address for call in self.calls)

    @property
    def usd(self) -> float:
        """What they cost, as far as that is known."""
        return sum(call.usd or 0.0 for call in self.calls)

    def __str__(self) -> str:
        named = ", ".join(self.addresses[:MOST_NAMED])
        more = len(self.calls) - MOST_NAMED
        named += f" and {more:,} more" if more > 0 else ""
        unpriced = any(call.usd is None for call in self.calls)
        named += f" ({'≥ ' if unpriced else ''}${self.usd:,.2f})"
        if self.state is None:
            return f"paid for already, as {self.lock} says, but not here: {named}"
        return f"paid for already, in {self.state}: {named}"

    @property
    def next_step(self) -> str:
        """The command that takes the other state over."""
        if self.state is None:
            command = adopt_command(Path("PATH") / STATE, self.project)
            return (
                f"if another folder has the results: {command}; if a team shares them: --store PLACE;"
                " --buy-again buys them once more"
            )
        return f"take it over: {adopt_command(self.state, self.project)}"


def adopt_command(state: Path, project: Path) -> str:
    """`callsheet adopt-state PATH`, as it is typed in the current folder."""
    here = project_root(Path()).resolve() == project.resolve()
    into = [] if here else ["--project", str(project)]
    return shell.command(["callsheet", "adopt-state", str(state.parent), *into])


class OtherStates:
    """The states of other projects near the one of `workspace`. A run for which a person chose a state folder
    has none."""

    def __init__(self, workspace: Workspace, pipeline: Path) -> None:
        """pipeline: the file. Raises LedgerError for a ledger that cannot be read."""
        self._workspace = workspace
        near = state_folders(pipeline.parent, workspace.root, workspace.state)
        folders = near if workspace.is_own else ()
        self._states = [OtherState(state) for state in folders]
        if on_server() and (workspace.state / LEDGER).exists():
            self._states.insert(0, FormerLedger(workspace.state))

    def __enter__(self) -> OtherStates:
        return self

    def __exit__(self, *_: object) -> None:
        for state in self._states:
            state.close()

    def paid(self, plan: Plan) -> PaidElsewhere | None:
        """What a run of `plan` would buy, and is paid for in the first of the others that has any of it."""
        own = self._own() if self._states else None
        calls = [call for call in paid_calls(plan) if call.key] if self._states else []
        for other in self._states:
            there = [call for call in calls if other.paid(call.key, own, call.again)]
            if there:
                return PaidElsewhere(tuple(there), self._workspace.root, state=other.state)
        return None

    def find(self, key: str, spec: NodeSpec) -> Outputs | None:
        """The result of a call in the first of the others that has it."""
        return next((found for state in self._states if (found := state.find(key)) is not None), None)

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
    """What a run of `plan` would buy, and is paid for: in the state of another project near this one, or as
    the lock file says."""
    with OtherStates(workspace, plan.graph.path) as others:
        return others.paid(plan) or paid_as_locked(plan, workspace)


def require_own_state(plan: Plan, workspace: Workspace) -> None:
    """Make sure that nothing is bought that is paid for in another state.

    Raises InputError, before anything is sent.
    """
    with OtherStates(workspace, plan.graph.path) as others:
        found = others.paid(plan)
    if found is not None:
        raise InputError(f"nothing was sent; {found}", found.next_step)


def paid_as_locked(plan: Plan, workspace: Workspace) -> PaidElsewhere | None:
    """What a run of `plan` would buy, and the lock file names as paid for: nobody knows where it is."""
    lock = workspace.lock_file(plan.graph.path, plan.graph.section.name)
    named = lock.lock.named()
    lost = tuple(call for call in paid_calls(plan) if call.key in named and not call.again)
    return PaidElsewhere(lost, workspace.root, lock=lock.path) if lost else None


def paid_calls(plan: Plan) -> Iterator[Call]:
    """Each call that would be paid. The key is "" where it depends on what is made before."""
    for found in plan.forecasts:
        step = found.step
        if found.action in COSTS and step.provider not in plan.workers:
            again = plan.graph.instances[step.address].options.cache != "auto"
            yield Call(step.address, found.key or "", step.usd, again)
