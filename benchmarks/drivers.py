"""How long two drivers need for one film, against one: real processes, one ledger on a Postgres server.

    python benchmarks/drivers.py [--calls 48] [--room 8] [--latency 2.0] [--rounds 3]

The film is of independent paid calls. The emulated provider works on as many at once as it has room for, so a
second driver makes nothing quicker: what is left is what drivers cost each other by waiting. Both start
together with empty folders and end with all results, and each call has to be bought once. One driver and two
take turns. A film lasts from its first request to the end of the last process. Goal: at most 1.05 times one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from typing import Final

import click

from callsheet.emulator import Emulator
from tests.end_to_end.conftest import Project
from tests.postgres import Server, served

GOAL: Final = 1.05


def started(folder: Path, provider: Emulator, calls: int, room: int) -> subprocess.Popen[str]:
    """A driver in a new clone of the film."""
    folder.mkdir(parents=True)
    (folder / "callsheet.toml").touch()
    film = Project(folder, provider).shots("image", calls)
    return film.start("--output", "quiet", "--concurrency", str(room))


def film(provider: Emulator, folder: Path, drivers: int, calls: int, room: int) -> float:
    """Seconds that so many drivers need together."""
    provider.reset()
    processes = [started(folder / str(number), provider, calls, room) for number in range(drivers)]
    codes = [process.wait() for process in processes]
    seconds = time.time() - provider.posts[0].time
    if any(codes) or len(provider.accepted) != calls:
        raise SystemExit(f"drivers ended with {codes}, {len(provider.accepted)} requests for {calls} calls")
    return seconds


def measured(server: Server, provider: Emulator, calls: int, room: int) -> Iterator[tuple[float, float]]:
    """Seconds of one driver and of two, again and again."""
    with tempfile.TemporaryDirectory() as folder:
        for number in count():
            seconds = []
            for drivers in (1, 2):
                os.environ["CALLSHEET_LEDGER"] = server.url(f"film{number}_{drivers}")
                seconds.append(film(provider, Path(folder) / f"{number}_{drivers}", drivers, calls, room))
            yield seconds[0], seconds[1]


@click.command()
@click.option("--calls", default=48, show_default=True)
@click.option("--room", default=8, show_default=True, help="Requests that the provider works on at once.")
@click.option("--latency", default=2.0, show_default=True, help="Seconds for each of them.")
@click.option("--rounds", default=3, show_default=True)
def main(calls: int, room: int, latency: float, rounds: int) -> None:
    ratios = []
    with (
        contextmanager(served)() as server,
        Emulator(tiny=True, latency=latency, concurrency=room) as provider,
    ):
        os.environ.update(CALLSHEET_FAL_URL=provider.url, FAL_KEY="any")
        for one, two in islice(measured(server, provider, calls, room), rounds):
            ratios.append(two / one)
            print(f"one driver {one:.2f} s, two {two:.2f} s")
    print(f"two drivers over one, makespan: {statistics.median(ratios):.3f} (goal {GOAL})")


if __name__ == "__main__":
    main()
