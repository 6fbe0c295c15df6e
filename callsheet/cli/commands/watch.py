"""`callsheet watch`: a preview at each save."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from callsheet.cli.options import out_option, page_options, parse_sets, store_option
from callsheet.cli.permissions import fetch_what_is_pinned
from callsheet.cli.pipelines import sole_pipeline_options


@click.command("watch")
@sole_pipeline_options
@store_option
@page_options
@out_option("previews are written", "preview/")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    port: int,
    no_open: bool,
    out: Path,
) -> int:
    """Check, plan and preview the film at each save, until Ctrl-C. The page of `callsheet review` follows.

    Only what changed is drawn again. Nothing is bought.
    """
    from callsheet.cli.views.review import address_told, saved_told
    from callsheet.review.film import Film
    from callsheet.review.server import Place, Told, serve_film

    fetch_what_is_pinned()
    film = Film(file, parse_sets(sets), inputs, store, out)
    told = Told(partial(address_told, launch=not no_open), saved_told)
    serve_film(film, Place(port), told)
    return 0
