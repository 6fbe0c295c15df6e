"""`callsheet run`: makes the film."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from callsheet.cli.options import parse_sets, pipeline_options, store_option
from callsheet.cli.record import Record

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph

STATE = Path(".callsheet")
LIMIT = "Requests under way at a provider at once."
PAY_AGAIN = "Buy again what the lock names and the shared store should have, but has not."
VIEWS = ("auto", "terminal", "plain", "json", "quiet")


@click.command("run")
@pipeline_options
@click.option("--preview", is_flag=True, help="Offline stand-ins instead of the models; free.")
@click.option(
    "--only", multiple=True, metavar="ADDRESS", help="Make this node or instance, with what it needs."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True)
@click.option(
    "--output", type=click.Choice(VIEWS), default="auto", show_default=True, help="How the run is told."
)
@click.option("--budget", type=float, metavar="USD", help="Spend at most this much.")
@click.option("--unpriced", is_flag=True, help="Under a budget, also make calls without a known price.")
@click.option("--concurrency", type=click.IntRange(1), default=64, show_default=True, metavar="N", help=LIMIT)
@click.option("--yes", "-y", is_flag=True, help="Do not ask before spending.")
@click.option("--wait", is_flag=True, help="Wait for another run of this project to end.")
@store_option
@click.option("--pay-again", is_flag=True, help=PAY_AGAIN)
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    preview: bool,
    only: tuple[str, ...],
    out: Path,
    output: str,
    budget: float | None,
    unpriced: bool,
    concurrency: int,
    yes: bool,
    wait: bool,
    store: str,
    pay_again: bool,
) -> int:
    """Make the film that FILE describes.

    Results go to out/<name>/. Exit codes: 0 done, 1 the file or a node failed, 3 a bug or the disk,
    130 interrupted.
    """
    from callsheet.api import TRUST
    from callsheet.cli.views import choose
    from callsheet.runtime.events import deliver
    from callsheet.runtime.receipt import place, standing

    given = str(inputs) if inputs else None
    record = Record(str(file), sets, given, only, str(out), budget, unpriced, TRUST.get())
    receipt = place(STATE / "preview" if preview else STATE, {**asdict(record), "preview": preview})
    view = choose(output, record.command_line(preview))
    if done := standing(receipt):
        done.tell(lambda event: deliver(event, view))
        return 0
    from callsheet.runtime.run import Terms, run

    graph = _load(file, parse_sets(sets), inputs, output)
    if not preview:
        _before_spending(graph, only, yes, wait, store)
    terms = Terms(budget, unpriced, concurrency, wait, record.to_json(), store, pay_again)

    def give_up() -> None:
        view.close()
        _leave_at_once(130)

    try:
        result = run(
            graph,
            preview,
            out,
            emit=lambda event: deliver(event, view),
            only=only,
            terms=terms,
            give_up=give_up,
            receipt=receipt,
        )
    finally:
        view.close()
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    if result.stuck:
        _leave_at_once(result.exit_code)
    return result.exit_code


def _before_spending(graph: Graph, only: tuple[str, ...], yes: bool, wait: bool, store: str) -> None:
    if not yes and sys.stdin.isatty():
        _ask(graph, only, store)
    if wait:
        _tell_of_waiting()


def _ask(graph: Graph, only: tuple[str, ...], store: str) -> None:
    """Before money is spent, a person who sits there says yes."""
    from callsheet.cli.views.words import price
    from callsheet.runtime.forecast import range_of
    from callsheet.runtime.gates import gates_of
    from callsheet.runtime.lock import lock_path, read
    from callsheet.runtime.outlook import outlook
    from callsheet.runtime.run import require_keys, select, to_buy_from

    lock = read(lock_path(graph.path))
    seen = outlook(select(graph, only) if only else graph, STATE, lock, store, gates=gates_of(lock))
    paid = to_buy_from(seen.foreseen, seen.makers)
    require_keys(paid)
    if paid:
        _, most, unpriced = range_of(seen.foreseen)
        count = sum(f.action != "reuse" for f in seen.foreseen)
        click.confirm(f"{count} instances for at most {price(most, unpriced)}. Make them?", abort=True)


def _tell_of_waiting() -> None:
    from callsheet.runtime import disk
    from callsheet.runtime.ownership import owner

    pid = owner(Path(".callsheet"))
    if pid is not None and disk.alive(pid):
        click.echo(f"waiting for process {pid}, which is running this project, to end", err=True)


def _load(file: Path, sets: dict[str, str], inputs: Path | None, output: str) -> Graph:
    """The graph; warnings go to standard error."""
    from callsheet.api import check
    from callsheet.errors import PipelineError

    checked = check(file, sets, inputs)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    if checked.diagnostics and output != "quiet":
        from callsheet.dsl.render import render_all

        click.echo(render_all(checked.diagnostics, color=sys.stderr.isatty()) + "\n", err=True)
    return checked.graph


def _leave_at_once(code: int) -> NoReturn:
    """Threads that would not stop must not hold the process."""
    import os

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
