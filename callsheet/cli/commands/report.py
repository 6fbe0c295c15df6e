"""`callsheet report`: a film, its money and its runs on one page that can be sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.amounts import to_bytes
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import input_options, parse_sets, store_option
from callsheet.cli.output import tell_progress

if TYPE_CHECKING:
    from callsheet.page.gather import Gathered
    from callsheet.page.report import Media, Written
    from callsheet.runtime.workspace import Workspace

MEDIA: Final = ("all", "stills", "none")
ENDINGS: Final = (".yaml", ".yml")


@click.command("report")
@click.argument("film", metavar="[FILE|RUN]", required=False)
@input_options
@store_option
@click.option(
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The page to write; a name that ends in .zip has its media inside, to be sent.",
)
@click.option(
    "--against",
    default="",
    metavar="RUN|REVISION",
    help="Compare with another run of the film, or with a revision in git, such as main.",
)
@click.option(
    "--media",
    type=click.Choice(MEDIA),
    default="all",
    show_default=True,
    help="Small copies of pictures, films and sounds; stills alone; or none.",
)
@click.option(
    "--embed",
    default="16MB",
    show_default=True,
    metavar="SIZE",
    help="How much of the media is inside the page at most; the rest lies in a folder beside it.",
)
@click.option("--open", "launch", is_flag=True, help="Open the page.")
@click.pass_context
@json_option
def command(
    ctx: click.Context,
    film: str | None,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    target: Path,
    against: str,
    media: Media,
    embed: str,
    launch: bool,
    as_json: bool,
) -> None:
    """Write a page about a film: its shots, prompts, takes, money, runs and failures.

    \b
    callsheet report                        the pipeline of this folder
    callsheet report film.yaml -o film.zip  to send: the page with its media
    callsheet report lighthouse-4           the film of this run, with the chart of the run
    callsheet report lighthouse-4 --against lighthouse-3
    callsheet report film.yaml --against main

    The page is one file, which opens without a server and loads nothing from a network. A shot that is not
    made yet is shown by the last preview.
    """
    from callsheet.page.proxies import Proxies
    from callsheet.page.report import write_report
    from callsheet.runtime.workspace import Workspace
    from callsheet.spec.pipeline_files import pipeline_in

    largest = to_bytes(embed)
    named_run = film is not None and not Path(film).exists() and not film.endswith(ENDINGS)
    if film is not None and named_run:
        with Workspace.here() as workspace:
            found = _of_run(workspace, film, store, against)
            done = write_report(found, Proxies.of(workspace), target, largest, media, _progress)
    else:
        file = pipeline_in(Path(film) if film else None, ctx.command_path)
        with Workspace.of(file) as workspace:
            found = _of_film(workspace, file, parse_sets(sets), inputs, store, against)
            done = write_report(found, Proxies.of(workspace), target, largest, media, _progress)
    if as_json:
        print_json(done)
    else:
        _tell(done)
    if launch:
        click.launch(str(done.path))


def _of_film(
    workspace: Workspace,
    file: Path,
    sets: dict[str, str],
    inputs: tuple[Path, ...],
    store: str,
    against: str,
) -> Gathered:
    from callsheet.page.gather import gather
    from callsheet.runtime.check import load

    return gather(load(file, sets, inputs), workspace, store=store, against=against)


def _of_run(workspace: Workspace, name: str, store: str, against: str) -> Gathered:
    """The film of a run, with the inputs that the run was started with."""
    from callsheet.page.gather import gather
    from callsheet.runtime.check import load
    from callsheet.runtime.resume import request_of
    from callsheet.spec.batch import each_row_of
    from callsheet.spec.profile import using

    request = request_of(workspace, name)
    with using(request.profile), each_row_of(request.each):
        graph = load(request.file, request.sets, request.inputs, request.trust, workspace=workspace)
        return gather(graph, workspace, name, store, against=against)


def _progress(done: int, total: int) -> None:
    """One line that counts the copies, where a person looks at it."""
    tell_progress(f"small copies of media: {done} of {total}", done == total)


def _tell(done: Written) -> None:
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    size = f"{done.size / 1e6:.1f} MB" if done.size >= 1e5 else f"{done.size / 1e3:.0f} kB"
    beside = f", {done.beside} files in {done.folder}/" if done.folder else ""
    zipped = f", {done.beside} files with it" if done.beside and not done.folder else ""
    click.echo(f"report: {done.path} (the page has {size}{beside}{zipped})")
