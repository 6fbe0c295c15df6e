"""The clock counts sleep on each system, and the provider's clock goes by it."""

from __future__ import annotations

import time

import pytest

from callsheet.nodes.queue.provider_clock import ProviderClock
from callsheet.runtime.calls.clock import uptime
from callsheet.spec.since_boot import since_boot

SLEPT = 1200.0


@pytest.fixture(params=["linux", "macos", "windows"])
def slept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the machine has slept, in seconds; the clocks of a system that stop in sleep do not tell it."""
    seconds = [0.0]
    names = {"linux": "CLOCK_BOOTTIME", "macos": "CLOCK_MONOTONIC", "windows": ""}[request.param]
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        monkeypatch.delattr(time, name, raising=False)
    if names:
        monkeypatch.setattr(time, names, 77, raising=False)
        monkeypatch.setattr(time, "clock_gettime", lambda clock: {77: 5.0 + seconds[0]}[clock], raising=False)
        monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    else:
        monkeypatch.setattr(time, "monotonic", lambda: 5.0 + seconds[0])
    return seconds


def test_it_goes_on_in_sleep(slept: list[float]) -> None:
    before = since_boot()
    slept[0] = SLEPT
    assert since_boot() - before == SLEPT


def test_the_provider_s_time_goes_on_in_sleep(slept: list[float]) -> None:
    clock = ProviderClock()
    clock.hear({"date": "Mon, 30 Nov 2026 12:00:00 GMT"})
    before = clock.now()
    slept[0] = SLEPT
    assert before is not None and clock.now() == before + SLEPT


def test_the_uptime_of_a_system_that_does_not_tell_it_goes_on_in_sleep(
    slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.runtime.calls.clock._boot", lambda: [][0])
    before = uptime()
    slept[0] = SLEPT
    assert uptime().boot == before.boot and uptime().seconds - before.seconds == SLEPT
