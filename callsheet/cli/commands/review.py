"""`callsheet review`: a live page to look at a film."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli.options import (
    fetch_what_is_pinned,
    grant_options,
    parse_sets,
    sole_pipeline_options,
    store_option,
)


@click.command("review")
@sole_pipeline_options
@store_option
@grant_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; without it any free one.")
@click.option("--no-open", is_flag=True, help="Only print the address of the page, and open no browser.")
@click.option(
    "--output",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="json: an event a line; the first has the address.",
)
@click.option("--host", default="", metavar="NAME", help="Listen at this name, for other machines too.")
@click.option("--cert", type=click.Path(dir_okay=False, path_type=Path), help="With --host: its certificate.")
@click.option(
    "--key", type=click.Path(dir_okay=False, path_type=Path), help="With --host: the certificate's key."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="The folder of the results; they are written to PATH/<name>/.",
)
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
    out: Path,
) -> int:
    """Open a page on this machine that shows the film, its takes and its runs, until Ctrl-C.

    Play it frame by frame, write notes, compare and pick takes, approve and reject, and make shots again
    after you saw the price. Every action writes what its command writes. The address has a token: who knows
    it can do what the page can.
    """
    from callsheet.cli.views.review import address_told
    from callsheet.review.film import Film
    from callsheet.review.server import Place, serve_film

    fetch_what_is_pinned()
    film = Film(file, parse_sets(sets), inputs, store, out)
    film.load()
    place = Place(port, host, cert, key)
    serve_film(film, place, lambda address: address_told(address, output, not no_open))
    return 0
