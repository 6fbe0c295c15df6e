"""What other runs of the project do with a request that this one needs too: it is sent by one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import NotFetched
from callsheet.runtime.calls.questions import Waiting
from callsheet.runtime.calls.recover import in_doubt
from callsheet.runtime.ledger import LIVE, Attempt, Forbidden, Ledger

LOOK: Final = 0.5
"""The usual time between two looks, in seconds."""
STATE: Final = "another run"
"""What an instance waits for, as its event says it."""
UNDER_WAY: Final = tuple(state for state in LIVE if state != "UNKNOWN")
"""States in which a run works on an attempt."""


async def newest(ledger: Ledger, key: str) -> Attempt | None:
    """The newest attempt of `key`, or an older one that is live: a person may have adopted that one."""
    found = await ledger.last(key)
    if found is None or found.state in LIVE:
        return found
    return await ledger.live(key) or found


@dataclass(frozen=True, slots=True)
class OtherRuns:
    """The other runs of the project, for the run number `run`. tell: called with what is waited for. look:
    seconds between two looks at what they do."""

    ledger: Ledger
    run: int
    clock: Clock
    tell: Callable[[Attempt, Waiting], None]
    look: float = LOOK

    @asynccontextmanager
    async def left(
        self, key: str, address: str, on_wait: Callable[[], None] | None = None
    ) -> AsyncIterator[Attempt | None]:
        """Gives the newest attempt of `key`, as `newest` does; inside, no other run works on it while it is
        live. Waits for the run that does; what an ended run left under way is taken up by one run alone.
        address: of the instance that waits. on_wait: called before each wait.

        Raises NotFetched where the other run cannot fetch the result for now.
        """
        makers: dict[int, str] = {}
        while True:
            found = await newest(self.ledger, key)
            if found is None or found.state not in UNDER_WAY or found.run == self.run:
                yield found
                return
            async with self.ledger.taken_over(found) as mine:
                now = await self._left_over(found) if mine else None
                if now is not None:
                    yield now
                    return
            if not mine and await self.ledger.alive(found.run):
                if found.run not in makers:
                    makers[found.run] = await self.ledger.maker(found.run)
                self._wait_for(found, address, makers[found.run])
            if on_wait is not None:
                on_wait()
            await self.clock.sleep(self.look)

    def _wait_for(self, live: Attempt, address: str, maker: str) -> None:
        """Tell it. Two runs that wait for each other's results, which neither can fetch, would wait for
        ever: so what the other one has trouble with is left to a later run. maker: who makes it."""
        if live.error:
            trouble = NodeError(live.error, "unavailable", "run it again when the other run is over")
            raise NotFetched(live, f"another run of this project has trouble with it: {live.error}", trouble)
        self.tell(replace(live, address=address), Waiting(STATE, by=maker))

    async def _left_over(self, before: Attempt) -> Attempt | None:
        """An attempt of an ended run as it is now, if it is still live. What was on its way is UNKNOWN."""
        now = await self.ledger.get(before.id)
        if now.state == "SENDING":
            try:
                now = await in_doubt(self.ledger, now)
            except Forbidden:
                return None
        return now if now.state in LIVE else None
