"""A ledger in memory, with the same rules: for tests of pipelines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace

from callsheet.runtime.ledger import rows
from callsheet.runtime.ledger.locks import Locked, Locks
from callsheet.runtime.ledger.operations import Seen, check_budget, check_ceiling, check_seen, check_step
from callsheet.runtime.ledger.records import (
    Attempt,
    Ceiling,
    Change,
    Chargeable,
    Forbidden,
    Frozen,
    Intent,
    Kept,
    NewRun,
    Run,
    Upload,
)
from callsheet.runtime.ledger.states import LIVE, State


class MemoryLedger(Locked):
    """See `Ledger` for what each method does."""

    def __init__(self, now: Callable[[], float] = time.time, locks: Locks | None = None) -> None:
        super().__init__(locks)
        self._now = now
        self._runs: dict[int, Run] = {}
        self._attempts: dict[int, Attempt] = {}
        self._kept: dict[int, tuple[Kept, ...]] = {}
        self._uploads: dict[tuple[str, str], Upload] = {}
        self._frozen: dict[tuple[str, str, int], Frozen] = {}
        self.events: dict[int, list[str]] = {}

    async def start_run(self, new: NewRun) -> Run:
        number = len(self._runs) + 1
        run = Run(number, **asdict(new), started=self._now(), finished=None, status="", pid=os.getpid())
        self._runs[number] = run
        return run

    async def finish_run(self, run: int, status: str) -> None:
        self._runs[run] = replace(self._runs[run], status=status, finished=self._now())

    async def runs(self) -> Sequence[Run]:
        return list(reversed(self._runs.values()))

    async def maker(self, run: int) -> str:
        return self._runs[run].name

    async def intend(self, intent: Intent, seen: Seen, ceiling: Ceiling | None = None) -> Attempt:
        check_seen(await self.last(intent.key), seen)
        if await self.live(intent.key):
            raise Forbidden("the key has another live attempt")
        run = self._runs[intent.run]
        check_budget(run, intent, self._counted(run))
        if ceiling is not None:
            since = [a for a in self._attempts.values() if a.created >= ceiling.since]
            check_ceiling(run, intent, sum(map(self._weight, since)), ceiling)
        if any(a.token == intent.token for a in self._attempts.values()):
            raise Forbidden("this token was used before")
        number = 1 + sum(a.key == intent.key for a in self._attempts.values())
        attempt = _new(len(self._attempts) + 1, number, intent, self._now())
        self._attempts[attempt.id] = attempt
        return attempt

    async def advance(
        self, attempt: int, to: State, change: Change | None = None, *, before: State
    ) -> Attempt:
        known = await self.get(attempt)
        check_step(known, before, to)
        after = replace(known, **rows.news(known.state, to, change or Change(), self._now()))  # type: ignore[arg-type]
        self._check(after)
        self._attempts[attempt] = after
        return after

    async def note(self, attempt: int, change: Change) -> Attempt:
        after = replace(await self.get(attempt), **rows.known(change))  # type: ignore[arg-type]
        self._check(after)
        self._attempts[attempt] = after
        return after

    async def commit(self, attempt: int, kept: Sequence[Kept]) -> Attempt:
        await self.advance(attempt, "STORED", before="RESULT")
        self._kept[attempt] = tuple(sorted(kept, key=lambda k: k.place))
        return await self.advance(attempt, "COMMITTED", before="STORED")

    async def live(self, key: str) -> Attempt | None:
        return next((a for a in self._attempts.values() if a.key == key and a.state in LIVE), None)

    async def last(self, key: str) -> Attempt | None:
        return next((a for a in reversed(self._attempts.values()) if a.key == key), None)

    async def committed(self, key: str) -> Attempt | None:
        found = [a for a in self._attempts.values() if a.key == key and a.state == "COMMITTED"]
        return found[-1] if found else None

    async def get(self, attempt: int) -> Attempt:
        return self._attempts[attempt]

    async def attempts(self, *states: State, run: int | None = None) -> Sequence[Attempt]:
        every = self._attempts.values()
        return [a for a in every if (not states or a.state in states) and run in (None, a.run)]

    async def chargeable(self, *states: State, run: int | None = None) -> Sequence[Chargeable]:
        found = [a for a in await self.attempts(*states, run=run) if a.request_id]
        return [Chargeable(*(getattr(a, field.name) for field in fields(Chargeable))) for a in found]

    async def bill(self, bills: Mapping[int, int]) -> None:
        for attempt, actual in bills.items():
            self._attempts[attempt] = replace(self._attempts[attempt], actual=actual)

    async def owner(self, request_id: str) -> Attempt | None:
        return next((a for a in self._attempts.values() if request_id and a.request_id == request_id), None)

    async def kept(self, attempt: int) -> Sequence[Kept]:
        return self._kept.get(attempt, ())

    async def spent(self, run: int) -> int:
        return sum(a.spent for a in self._attempts.values() if a.run == run)

    def _counted(self, run: Run) -> int:
        """Micro-dollars that count for the budget of `run`."""
        return sum(
            self._weight(a)
            for a in self._attempts.values()
            if self._runs[a.run].first == run.first
            or (a.state in ("SENDING", "UNKNOWN") and self._runs[a.run].series == run.series)
        )

    def _weight(self, attempt: Attempt) -> int:
        """Micro-dollars that an attempt counts for."""
        unknown = attempt.actual is None and attempt.reserved is None
        return self._runs[attempt.run].cap or 0 if unknown else attempt.spent

    async def durations(self, endpoint: str, last: int = 50) -> Sequence[float]:
        done = [a for a in self._attempts.values() if a.endpoint == endpoint and a.resulted is not None]
        done.sort(key=lambda a: -(a.resulted or 0.0))
        took = [(a.resulted or 0.0) - (a.accepted or 0.0) for a in done]
        return [seconds for seconds in took if 0 <= seconds <= 3600][:last]

    async def log(self, run: int, lines: Sequence[str]) -> None:
        self.events.setdefault(run, []).extend(lines)

    async def uploaded(self, upload: Upload) -> None:
        self._uploads[upload.digest, upload.provider] = upload

    async def upload(self, digest: str, provider: str) -> Upload | None:
        return self._uploads.get((digest, provider))

    async def freeze(self, frozen: Frozen) -> None:
        self._frozen[frozen.key, frozen.output, frozen.run] = frozen

    async def frozen(self, key: str, output: str) -> Frozen | None:
        found = [f for f in self._frozen.values() if (f.key, f.output) == (key, output)]
        newest = max(found, key=lambda f: f.run, default=None)
        return replace(newest, status=self._runs[newest.run].status) if newest else None

    async def close(self) -> None: ...

    def _check(self, after: Attempt) -> None:
        """Raises what the indexes and checks of the tables would."""
        others = [a for a in self._attempts.values() if a.id != after.id]
        if after.request_id and any(a.request_id == after.request_id for a in others):
            raise Forbidden(f"the request {after.request_id} belongs to another attempt")
        if after.state in LIVE and any(a.key == after.key and a.state in LIVE for a in others):
            raise Forbidden("the key has another live attempt")
        if after.state in ("ACCEPTED", "RESULT", "STORED", "COMMITTED") and not after.request_id:
            raise Forbidden("an accepted request has an id")
        if after.state in ("RESULT", "STORED", "COMMITTED") and not after.result:
            raise Forbidden("a result has content")


def _new(identity: int, number: int, intent: Intent, now: float) -> Attempt:
    asked = {name: getattr(intent, name) for name in Intent.__slots__}
    return Attempt(id=identity, number=number, state="INTENT", created=now, **asked)
