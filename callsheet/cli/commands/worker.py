"""`callsheet worker`: workers of this machine for runs on others."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.amounts import to_bytes

if TYPE_CHECKING:
    from callsheet.runtime.engines.dask_worker import Workers

LEAST: Final = 256_000_000
"""Bytes that a process needs."""
SLOTS = "How many tasks are done at once, each in a process of its own (default: one per core)."
MEMORY = (
    "Memory of all processes together, such as 16GB. One that takes more than its share is started again."
)
ONCE = "End when the scheduler is lost, instead of waiting for it."


@click.command("worker")
@click.argument("scheduler", metavar="dask://HOST:PORT")
@click.option("--slots", type=click.IntRange(1, 1024), metavar="N", help=SLOTS)
@click.option("--memory", metavar="SIZE", default="0B", show_default=False, help=MEMORY)
@click.option("--once", is_flag=True, help=ONCE)
def command(scheduler: str, slots: int | None, memory: str, once: bool) -> int:
    """Start workers for the Dask scheduler at an address: dask://HOST:PORT, or tls://HOST:PORT.

    They make local operations and previews of runs with `--on` until they are ended (Ctrl-C). They get no
    keys of providers and send no paid request. They need the same callsheet as the run, and its store: the
    folder of the project under the same path, or a shared store (`--store`), with its credentials in the
    environment.
    """
    from callsheet.errors import InputError
    from callsheet.nodes.providers import keys_of_providers
    from callsheet.runtime.engines.dask_address import require_dask

    require_dask(scheduler)
    count, limit = slots or os.cpu_count() or 1, to_bytes(memory)
    if 0 < limit < count * LEAST:
        step = f"give at least 256MB for each of the {count} slots, or take fewer slots"
        raise InputError(f"--memory {memory} is less than the workers need", step)
    from callsheet.runtime.engines.dask_worker import Workers

    for name in keys_of_providers():
        os.environ.pop(name, None)
    asyncio.run(_until_ended(Workers(scheduler, count, limit, wait=not once)))
    return 0


async def _until_ended(workers: Workers) -> None:
    """Work until the scheduler is lost, Ctrl-C or SIGTERM, which lets the processes end in order."""
    work, loop = asyncio.ensure_future(workers.run(click.echo)), asyncio.get_running_loop()
    before = signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(work.cancel))
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await work
    finally:
        signal.signal(signal.SIGTERM, before)
