"""`python -m callsheet.runtime.simulation [--seeds N] [--first N] [--books sqlite|memory]`."""

from __future__ import annotations

import time

import click

from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.parts import Kind
from callsheet.testing.simulation.story import Broken, Told, tell


@click.command()
@click.option("--seeds", default=1000, show_default=True, help="How many stories to tell.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--books", type=click.Choice(["sqlite", "memory"]), default="sqlite", show_default=True)
def main(seeds: int, first: int, books: Kind) -> None:
    """Play seeded stories of the paid-call protocol and check what must hold."""
    since = time.perf_counter()
    loop = VirtualLoop()
    told: list[Told] = []
    broken = 0
    for seed in range(first, first + seeds):
        try:
            told.append(tell(seed, books, loop))
        except Broken as error:
            broken += 1
            click.echo(error)
    loop.close()
    seconds = time.perf_counter() - since
    click.echo(
        f"{seeds} seeds in {seconds:.1f} s ({seeds / seconds:.0f} a second):"
        f" {sum(t.crashes for t in told)} crashes,"
        f" {sum(t.posts for t in told)} accepted requests, {sum(t.committed for t in told)} results,"
        f" {sum(t.found for t in told)} found again, {sum(t.absent for t in told)} proven absent,"
        f" {sum(t.unknown for t in told)} left in doubt, {broken} broken"
    )
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
