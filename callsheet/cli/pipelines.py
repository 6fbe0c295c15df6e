"""FILE: the pipelines that a verb is about, as a person names them or leaves them out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from callsheet.cli import completion
from callsheet.cli.answer import Verb, expect_document
from callsheet.cli.options import input_options
from callsheet.spec.project import SETTINGS


class FileFirst(click.Command):
    """A verb with FILE before its other words. Where the first word is no file, FILE was left out: the one
    pipeline of the current folder is meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises InputError where the folder has no pipeline, or several."""
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        expect_document(ctx, bool(given.get("as_json")))
        first = given.get("file")
        if isinstance(first, str) and not ctx.resilient_parsing and not _is_place(first):
            from callsheet.spec.pipeline_files import pipeline_in

            args = [str(pipeline_in(None, ctx.command_path)), *args]
        return super().parse_args(ctx, args)


def _is_place(word: str) -> bool:
    """Whether a word names a file or a folder, and no address or model. A folder without a pipeline may be
    called as a node is."""
    from callsheet.spec.pipeline_files import ENDINGS, pipeline_files

    path = Path(word)
    if not word or word.endswith(ENDINGS):
        return True
    if word in ("..", ".") or word != path.name or not os.path.isdir(word):  # noqa: PTH112 it takes names that are too long
        return os.path.exists(word)  # noqa: PTH110
    return bool(pipeline_files(path))


def sole_pipeline_options(verb: Verb) -> Verb:
    """FILE, or a folder with one pipeline (without FILE: the current one), and `input_options`."""
    return file_argument(completion.pipelines)(input_options(verb))


def addressed_pipeline_options(verb: Verb) -> Verb:
    """FILE before other words, for a `FileFirst` verb; and `input_options`."""
    return file_argument(completion.pipelines_or_addresses)(input_options(verb))


def file_argument(complete: Callable[..., Any]) -> Callable[[Verb], Verb]:
    """FILE, or a folder with one pipeline; without it the current one. complete: what a shell offers."""
    return click.argument(
        "file",
        type=click.Path(readable=False, path_type=Path),
        required=False,
        callback=_the_pipeline,
        shell_complete=complete,
    )


def several_pipelines_options(verb: Verb) -> Verb:
    """FILES: each as in `sole_pipeline_options`, without any in the root of a project all of its films; and
    `input_options`, which count for each."""
    files = click.argument(
        "files",
        metavar="[FILE]...",
        nargs=-1,
        type=click.Path(readable=False, path_type=Path),
        callback=_the_pipelines,
        shell_complete=completion.pipelines,
    )
    return files(input_options(verb))


def _the_pipelines(ctx: click.Context, _: click.Parameter, given: tuple[Path, ...]) -> tuple[Path, ...]:
    if ctx.resilient_parsing:
        return given
    from callsheet.spec.pipeline_files import pipeline_in

    return tuple(pipeline_in(file, ctx.command_path) for file in given or _films() or (None,))


def _films() -> tuple[Path, ...]:
    """The films of the project whose root is the current folder, as its `callsheet.toml` names them. Raises
    PipelineError."""
    if not Path(SETTINGS).exists():
        return ()
    from callsheet.runtime.settings import settings_in
    from callsheet.runtime.settings.films import films_of

    return films_of(settings_in(Path()))


def _the_pipeline(ctx: click.Context, _: click.Parameter, file: Path | None) -> Path | None:
    if ctx.resilient_parsing:
        return file
    from callsheet.spec.pipeline_files import pipeline_in

    return pipeline_in(file, ctx.command_path)
