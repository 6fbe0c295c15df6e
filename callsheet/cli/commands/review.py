"""`callsheet review`: a live page to look at a film."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import out_option, page_options, parse_sets, store_option
from callsheet.cli.permissions import fetch_what_is_pinned, grant_options
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.cli.views import expect_events
from callsheet.cli.views.wording import printable
from callsheet.errors import InputError

if TYPE_CHECKING:
    from callsheet.review.film import Film
    from callsheet.review.proposals import Proposal


@click.command("review")
@sole_pipeline_options
@store_option
@grant_options
@page_options
@click.option(
    "--output",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    is_eager=True,
    callback=lambda ctx, _, output: expect_events(ctx, output),
    help="json: an event a line; the first has the address.",
)
@click.option("--host", default="", metavar="NAME", help="Listen at this name, for other machines too.")
@click.option("--cert", type=click.Path(dir_okay=False, path_type=Path), help="With --host: its certificate.")
@click.option(
    "--key", type=click.Path(dir_okay=False, path_type=Path), help="With --host: the certificate's key."
)
@click.option(
    "--export",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PAGE",
    help="Write a page for somebody without callsheet: PAGE.html, or PAGE.zip with the media beside it.",
)
@click.option(
    "--import",
    "answers",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="ANSWERS",
    multiple=True,
    help="Show what the answers from such a page would change, and ask; may be repeated.",
)
@click.option("--yes", "-y", is_flag=True, help="With --import: accept all that nobody contradicts.")
@out_option()
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    port: int,
    no_open: bool,
    output: str,
    host: str,
    cert: Path | None,
    key: Path | None,
    target: Path | None,
    answers: tuple[Path, ...],
    yes: bool,
    out: Path,
) -> int:
    """Open a page on this machine that shows the film, its takes and its runs, until Ctrl-C.

    Play it frame by frame, write notes, compare and pick takes, approve and reject, and make shots again
    after you saw the price. Every action writes what its command writes. The address has a token: whoever
    knows the address can do all that the page can do.

    A client without callsheet gets a page as a file (--export), and sends answers back as a file (--import).
    """
    from callsheet.cli.views.review import address_told
    from callsheet.review.film import Film
    from callsheet.review.server import Place, Told, serve_film

    fetch_what_is_pinned()
    film = Film(file, parse_sets(sets), inputs, store, out)
    film.load()
    if target is not None and answers:
        raise InputError("--export and --import are two commands", "give one of them")
    if target is not None:
        return _export(film, target)
    if answers:
        return _import(film, answers, yes)
    place = Place(port, host, cert, key)
    serve_film(film, place, Told(partial(address_told, output=output, launch=not no_open)))
    return 0


def _export(film: Film, target: Path) -> int:
    from callsheet.review.export import export_page

    done = export_page(film, target)
    for note in done.notes:
        click.echo(printable(f"note: {note}"), err=True)
    click.echo(f"page: {done.path} ({done.size / 1e6:.1f} MB, {done.media} media)")
    click.echo("send it; what comes back is a file: callsheet review FILE --import ANSWERS.json")
    return 0


def _import(film: Film, files: tuple[Path, ...], yes: bool) -> int:
    """Show what answers would change, ask, and do it. Returns 0 where nothing is left to decide, else 4: it
    waits for a person."""
    from callsheet.cli.views.answers import answers_text
    from callsheet.review.answers import read_answers
    from callsheet.review.proposals import accept, proposals

    given = [read_answers(path) for path in files]
    found = proposals(film, given)
    click.echo("\n".join(answers_text(found)))
    for read in given:
        if read.odd:
            odd = "entry is no answer" if read.odd == 1 else "entries are no answers"
            click.echo(printable(f"note: {read.path}: {read.odd} {odd}, and passed over"), err=True)
    applies = [one for one in found if one.applies]
    disputed = [one for one in found if one.state == "contradicts"]
    accepted = applies if applies and (yes or _agrees(f"Accept these {len(applies)}?")) else []
    if disputed and not yes and sys.stdin.isatty():
        accepted = [*accepted, *_settled(disputed)]
    failed = accept(film, accepted)
    for one, error in failed:
        click.echo(printable(f"not done: {one.what}: {error.message}"), err=True)
    done = {id(one) for one in accepted}
    left = [one for one in (*applies, *disputed) if id(one) not in done]
    undecided = f", {len(left)} to decide" if left else ""
    click.echo(f"{len(accepted) - len(failed)} accepted{undecided}; the files stay as they are")
    return 4 if left or failed else 0


def _agrees(question: str) -> bool:
    """Without a terminal nobody agrees."""
    return sys.stdin.isatty() and click.confirm(question)


def _settled(disputed: list[Proposal]) -> list[Proposal]:
    """Those of answers that contradict each other that a person chooses, one by one."""
    chosen: list[Proposal] = []
    for one in disputed:
        if not any(one.contradicts(other) for other in chosen):
            asked = printable(f"{one.answer.by}: {one.what}; {one.why}. Accept this one?")
            chosen += [one] if click.confirm(asked) else []
    return chosen
