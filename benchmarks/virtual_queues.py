"""Waiting in virtual time: what refusals cost a run, and how often a job is looked at.

    python benchmarks/virtual_queues.py

The simulations are those of the tests. Goals: a burst of ten refusals (429) in 600 calls at most 1.2 × the
run without it; 5,000 jobs of four minutes looked at 4 times each.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/runtime/calls"))

from test_polling import crowd
from test_slots import Bucket, Burst, Provider, Run, roomy, simulate


def told(name: str, run: Run, usual: Run) -> None:
    print(f"  {name:<28} {run.seconds / usual.seconds:5.2f} ×, {run.provider.refused} refused")


def main() -> None:
    for latency in (2.0, 10.0, 60.0):
        usual = simulate(Provider(latency, roomy))
        print(f"600 calls of {latency:g} s, 64 slots: {usual.seconds:.0f} s")
        told("a burst of ten 429s", simulate(Provider(latency, Burst(2.4 * latency))), usual)
        if latency > 2.0:  # else ten a second is less than what 64 slots could take
            told("ten requests a second", simulate(Provider(latency, Bucket())), usual)
    for room in (5, 20, 40):
        run = simulate(Provider(20.0, lambda _, running, room=room: running < room), 25 * room)
        share = run.provider.used / (room * run.seconds)
        print(f"room for {room}: {share:.0%} of it used, {run.provider.refused} of {25 * room} refused")
    for known in (False, True):
        looked, late = crowd(5000, 240.0, known)
        before = "known endpoint" if known else "new endpoint"
        print(f"5,000 jobs of 240 s, {before}: {looked / 5000:.1f} looks each (goal 4),", end=" ")
        print(f"seen {late[2500]:.1f} s late (median)")


if __name__ == "__main__":
    main()
