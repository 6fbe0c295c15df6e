"""The interface of the ledger. Each write returns once it is durable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from callsheet.runtime.ledger.operations import Seen
from callsheet.runtime.ledger.records import (
    Attempt,
    Ceiling,
    Change,
    Chargeable,
    Frozen,
    Intent,
    Kept,
    NewRun,
    Run,
    Upload,
)
from callsheet.runtime.ledger.states import State


class Ledger(Protocol):
    """Implemented by `SqliteLedger`, by `PostgresLedger` on a server, and by `MemoryLedger` for tests."""

    async def start_run(self, new: NewRun) -> Run: ...

    async def finish_run(self, run: int, status: str) -> None: ...

    async def runs(self) -> Sequence[Run]:
        """All runs, newest first."""
        ...

    async def alive(self, run: int) -> bool:
        """Whether a process makes this run, and may still act."""
        ...

    async def settle(self) -> None:
        """Wait until it is known which runs are alive. Of a run that lost its connection, a server does not
        know it at once."""
        ...

    def owned(self, run: int) -> AbstractAsyncContextManager[None]:
        """Be at work on a run that has sent nothing yet: inside, it is alive."""
        ...

    def taken_over(self, attempt: Attempt) -> AbstractAsyncContextManager[bool]:
        """Take over what an ended run began: inside, no other process does, and its run can send nothing
        more. Gives False while that run is alive, and while another process has taken it over."""
        ...

    async def maker(self, run: int) -> str:
        """Who makes a run, for a person: its name, and where."""
        ...

    async def intend(self, intent: Intent, seen: Seen, ceiling: Ceiling | None = None) -> Attempt:
        """Record an attempt in state INTENT and reserve its price, in one step. seen: number and state of the
        newest attempt of the key, as its caller judged it: what became of the key since then, by another run,
        has to be judged first. ceiling: holds beside the budget of the run.

        Raises OverBudget, and Moved when the key has a live attempt, or another newest one than `seen`.
        """
        ...

    async def advance(
        self, attempt: int, to: State, change: Change | None = None, *, before: State
    ) -> Attempt:
        """Take an attempt from the state `before` to the next one. Raises Forbidden for a step that is not
        allowed, and when its state is another one by now."""
        ...

    async def note(self, attempt: int, change: Change) -> Attempt:
        """Record what became known of an attempt; its state stays."""
        ...

    async def commit(self, attempt: int, kept: Sequence[Kept]) -> Attempt:
        """RESULT → STORED → COMMITTED with the files of the result, in one step."""
        ...

    async def live(self, key: str) -> Attempt | None:
        """The attempt of `key` that is in progress or has an unknown outcome, if there is one."""
        ...

    async def last(self, key: str) -> Attempt | None:
        """The newest attempt of `key`, in any state."""
        ...

    async def committed(self, key: str) -> Attempt | None:
        """The newest attempt of `key` whose result is stored, if there is one."""
        ...

    async def get(self, attempt: int) -> Attempt:
        """The attempt with this number. Raises KeyError."""
        ...

    async def attempts(self, *states: State, run: int | None = None) -> Sequence[Attempt]:
        """Attempts in any of `states` (all, when none is named), oldest first."""
        ...

    async def chargeable(self, *states: State, run: int | None = None) -> Sequence[Chargeable]:
        """The requests in any of `states` that the provider may bill, oldest first."""
        ...

    async def bill(self, bills: Mapping[int, int]) -> None:
        """Record what was billed, all in one step: attempt → micro-dollars."""
        ...

    async def owner(self, request_id: str) -> Attempt | None:
        """The attempt that a provider's request id belongs to."""
        ...

    async def kept(self, attempt: int) -> Sequence[Kept]: ...

    async def spent(self, run: int) -> int:
        """Micro-dollars reserved and spent under a run; calls with an unknown outcome count."""
        ...

    async def durations(self, endpoint: str, last: int = 50) -> Sequence[float]:
        """Seconds from accepted to known result, of the newest calls to an endpoint. Those of more than an
        hour are left out, since no run polled in the meantime."""
        ...

    async def log(self, run: int, lines: Sequence[str]) -> None:
        """Append events of a run, each one line of JSON."""
        ...

    async def uploaded(self, upload: Upload) -> None: ...

    async def upload(self, digest: str, provider: str) -> Upload | None: ...

    async def freeze(self, frozen: Frozen) -> None:
        """Record the output that extends the graph of a run."""
        ...

    async def frozen(self, key: str, output: str) -> Frozen | None:
        """The output of a call that extended the graph of the newest run that used it."""
        ...

    def when_away(self, tell: Callable[[str], None]) -> None:
        """Call `tell` with what is waited for when a server does not answer, and when it answers again."""
        ...

    async def close(self) -> None: ...
