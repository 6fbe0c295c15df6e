"""`python -m callsheet.testing.simulation [--seeds N] [--first N] [--beside|--drivers]`."""

from __future__ import annotations

import time

import click

from callsheet.testing.simulation.drivers import simulate_drivers
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.parts import Kind
from callsheet.testing.simulation.scenario import RuleBroken, Summary, simulate
from callsheet.testing.simulation.side_by_side import simulate_beside


@click.command()
@click.option("--seeds", default=1000, show_default=True, help="How many scenarios to run.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--ledger", type=click.Choice(["sqlite", "memory"]), default="sqlite", show_default=True)
@click.option("--beside", is_flag=True, help="Several processes at once, each with a run of its own.")
@click.option("--drivers", is_flag=True, help="The same, on several machines with one ledger.")
def main(seeds: int, first: int, ledger: Kind, beside: bool, drivers: bool) -> None:
    """Simulate paid runs with faults and crashes, one for each seed, and check the rules of the protocol."""
    since = time.perf_counter()
    loop = VirtualLoop()
    done: list[Summary] = []
    broken = 0
    for seed in range(first, first + seeds):
        try:
            if drivers:
                done.append(simulate_drivers(seed, loop))
            else:
                done.append((simulate_beside if beside else simulate)(seed, ledger, loop))
        except RuleBroken as error:
            broken += 1
            click.echo(error)
    loop.close()
    seconds = time.perf_counter() - since
    click.echo(
        f"{seeds} seeds in {seconds:.1f} s ({seeds / seconds:.0f} a second):"
        f" {sum(t.crashes for t in done)} crashes,"
        f" {sum(t.posts for t in done)} accepted requests, {sum(t.committed for t in done)} results,"
        f" {sum(t.found for t in done)} found again, {sum(t.absent for t in done)} proven absent,"
        f" {sum(t.unknown for t in done)} left in doubt, {broken} broken"
    )
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
