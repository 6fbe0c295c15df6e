"""Slots in virtual time, over providers whose room is fixed, falls, or is gone for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from callsheet.nodes.queue.protocol import Accepted, Outcome, Refused
from callsheet.runtime.calls.rate_limits import Limits
from callsheet.runtime.calls.slots import Slot, Slots
from callsheet.testing.simulation.loop import VirtualLoop

TAKEN = Accepted("r1", "s", "r", "c", "{}")
MOST = 64


@dataclass
class Provider:
    """A provider in virtual time. latency: seconds of a request, about. room: seconds since the beginning,
    and requests in progress → whether it takes one more."""

    latency: float
    room: Callable[[float, int], bool]
    retry_after: float | None = 1.0
    rng: Random = field(default_factory=lambda: Random(5))
    running: int = 0
    refused: int = 0
    used: float = 0.0
    widest: list[int] = field(default_factory=list)

    async def submit(self, now: float) -> Outcome:
        await asyncio.sleep(0.07)
        if not self.room(now, self.running):
            self.refused += 1
            return Refused("unavailable", "too many", 429, retry_after=self.retry_after)
        self.running += 1
        self.widest.append(self.running)
        return TAKEN

    async def result(self) -> None:
        seconds = self.latency * self.rng.lognormvariate(0, 0.3)
        await asyncio.sleep(seconds)
        self.used += seconds
        self.running -= 1


@dataclass
class Run:
    """How a run of equal calls went. seconds: its length. tries: the most that one call was sent."""

    seconds: float
    provider: Provider
    tries: int


def simulate(provider: Provider, calls: int = 600, most: int = MOST) -> Run:
    """Run `calls` at once through the slots and the gate for submits, as `Caller` does."""
    loop = VirtualLoop()
    slots, sent = Slots("fal", Limits(most, most)), list[int]()

    async def submitted(slot: Slot) -> Outcome:
        while True:
            await slot.take()
            async with slots.gate:
                if slot.may_go():
                    outcome = await provider.submit(loop.time())
                    slot.heard(outcome)
                    return outcome

    async def call() -> None:
        async with slots.slot("a") as slot:
            tries = 1
            while not isinstance(await submitted(slot), Accepted):
                tries += 1
            sent.append(tries)
            await provider.result()

    async def every() -> None:
        await asyncio.gather(*(call() for _ in range(calls)))

    try:
        loop.run_until_complete(every())
        return Run(loop.time(), provider, max(sent))
    finally:
        loop.close()


def roomy(_: float, __: int) -> bool:
    return True


class Burst:
    """Room always, but from a moment on the next requests are refused."""

    def __init__(self, at: float, refusals: int = 10) -> None:
        self.at, self.left = at, refusals

    def __call__(self, now: float, running: int) -> bool:
        if now < self.at or not self.left:
            return True
        self.left -= 1
        return False


class Bucket:
    """Room always, but for ten requests a second."""

    def __init__(self) -> None:
        self.since, self.tokens = 0.0, 10.0

    def __call__(self, now: float, running: int) -> bool:
        self.tokens, self.since = min(10.0, self.tokens + (now - self.since) * 10), now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@pytest.mark.parametrize(
    ("latency", "retry_after"), [(2.0, 1.0), (10.0, 1.0), (10.0, None), (60.0, 1.0), (60.0, None)]
)
def test_a_burst_of_refusals_costs_at_most_a_fifth(latency: float, retry_after: float | None) -> None:
    usual = simulate(Provider(latency, roomy))
    burst = simulate(Provider(latency, Burst(at=2.4 * latency), retry_after))
    assert burst.provider.refused == 10
    assert burst.seconds <= 1.2 * usual.seconds
    assert burst.tries <= 3


@pytest.mark.parametrize("room", [5, 20, 40])
@pytest.mark.parametrize("retry_after", [None, 1.0, 0.0])
def test_room_that_is_always_smaller_is_found_and_kept(room: int, retry_after: float | None) -> None:
    calls = 25 * room
    run = simulate(Provider(20.0, lambda _, running: running < room, retry_after), calls)
    assert run.provider.used / (room * run.seconds) > 0.8
    assert run.provider.refused < calls
    assert room == max(run.provider.widest)


@pytest.mark.parametrize("fallen", [4, 16, 32])
def test_room_that_falls_is_followed(fallen: int) -> None:
    """At 50 seconds a part of the room is gone: what is left is used, and seldom asked for more."""
    calls = 160 + 20 * fallen
    run = simulate(Provider(20.0, lambda now, running: running < (MOST if now < 50 else fallen)), calls)
    used_before = 50 * MOST
    assert run.seconds <= 1.3 * (50 + (run.provider.used - used_before) / fallen)
    assert run.provider.refused < calls / 2


def test_room_that_is_gone_for_half_a_minute_is_waited_for() -> None:
    """A refusal in the middle of it fails nothing, and soon after it the provider is used as before."""
    usual = simulate(Provider(10.0, roomy))
    run = simulate(Provider(10.0, lambda now, _: not 30 <= now < 60))
    assert run.seconds <= usual.seconds + 50


@pytest.mark.parametrize("latency", [10.0, 60.0])
def test_a_provider_that_takes_so_many_a_second_is_used_whole(latency: float) -> None:
    """A pause is all that it needs: the limit of what is in progress is not its limit."""
    usual = simulate(Provider(latency, roomy))
    assert simulate(Provider(latency, Bucket())).seconds <= 1.2 * usual.seconds


def test_a_call_that_is_cancelled_leaves_its_slot_to_the_others() -> None:
    """Whether it waits, or may go just now."""
    loop = VirtualLoop()
    slots = Slots("fal", Limits(1, 1))
    went: list[str] = []

    async def call(name: str) -> None:
        async with slots.slot("a"):
            went.append(name)
            await asyncio.sleep(1)

    async def every() -> None:
        tasks = [asyncio.create_task(call(name)) for name in "abcd"]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        tasks[0].cancel()
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    loop.run_until_complete(every())
    loop.close()
    assert went[-1] == "d"
