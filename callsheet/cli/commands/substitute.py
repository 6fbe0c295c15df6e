"""`callsheet substitute`: a file for another model, with its comments and its layout."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.options import STATE, parse_sets, pipeline_options
from callsheet.errors import InputError, PipelineError

if TYPE_CHECKING:
    from callsheet.dsl.diagnostics.diagnostic import Report
    from callsheet.dsl.diagnostics.source import Source
    from callsheet.dsl.substitute.rewrite import Substitution
    from callsheet.dsl.values.inputs import Given
    from callsheet.nodes.registry import Registry
    from callsheet.spec.node import NodeSpec

BOM: Final = b"\xef\xbb\xbf"
HEADINGS: Final = {
    "changed": "",
    "note": "note: ",
    "warning": "warning: ",
    "lost": "not carried over: ",
    "missing": "missing: ",
}


@click.command("substitute")
@pipeline_options
@click.argument("old")
@click.argument("new")
@click.option("--diff", "dry", is_flag=True, help="Print the changes, write nothing.")
@click.option("--force", is_flag=True, help="Write the file even if it would not pass check.")
def command(
    file: Path, sets: tuple[str, ...], inputs: Path | None, old: str, new: str, dry: bool, force: bool
) -> int:
    """Rewrite FILE to use the model NEW wherever it uses OLD.

    \b
    callsheet substitute film.yaml fal-ai/pika/v2.2/image-to-video fal-ai/veo3.1/image-to-video --diff

    Parameters are carried over by name, by role (first frame, reference, …) and by meaning; values become
    what NEW takes. What has no place there is listed. Comments and layout stay as they are. A file that
    would not pass check is left alone.
    """
    from callsheet.dsl.diagnostics.diagnostic import Report
    from callsheet.dsl.substitute.rewrite import substitute
    from callsheet.dsl.values.inputs import Given
    from callsheet.dsl.yaml.reader import read_source, read_yaml
    from callsheet.nodes.registry import Registry
    from callsheet.trust import TRUST

    registry, report = Registry(), Report()
    target = _model(registry, new)
    source = read_source(file, report)
    root = read_yaml(source, report) if source else None
    if source is not None and root is None and not report.failed:
        raise InputError(f"{file} is empty", "callsheet init writes an example")
    if source is None or root is None:
        raise PipelineError(report.sorted())
    done = substitute(source, root, old, registry.find(old), target)
    if not done.nodes:
        raise InputError(f"{file} does not use {old}", "callsheet graph FILE lists what it uses")
    _tell(file, old, new, done)
    if dry:
        click.echo(_changes(file, source.text, done.text), nl=False)
    checked = _checked(source, done.text, Given(parse_sets(sets), inputs, trust=TRUST.get()), registry)
    if checked.failed:
        _complain(checked, force or dry)
    if not dry and (force or not checked.failed):
        _write(file, done.text)
        click.echo(f"wrote {file}")
    return 1 if checked.failed else 0


def _model(registry: Registry, uses: str) -> NodeSpec:
    spec = registry.find(uses)
    if spec is None:
        near = registry.nearest(uses)
        hint = f"did you mean {', '.join(near)}?" if near else f"callsheet models add {uses}"
        raise InputError(f"there is no model {uses}", hint)
    return spec


def _tell(file: Path, old: str, new: str, done: Substitution) -> None:
    from callsheet.cli.views.wording import printable

    count = len(set(done.nodes))
    click.echo(f"{file}: {count} node{'' if count == 1 else 's'} from {old} to {new}")
    for kind, heading in HEADINGS.items():
        for remark in done.remarks:
            if remark.kind == kind:
                click.echo(printable(f"  {heading}{remark.node}: {remark.text}"))


def _changes(file: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), str(file), str(file)
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _checked(source: Source, text: str, given: Given, registry: Registry) -> Report:
    """What check says of the new text."""
    from callsheet.dsl.compiler import compile_source
    from callsheet.dsl.diagnostics.diagnostic import Report
    from callsheet.dsl.diagnostics.source import Source
    from callsheet.nodes.media.inspector import MediaInspector
    from callsheet.runtime.lock.model import lock_path
    from callsheet.runtime.recipes.pinned import PinnedRecipes

    report, recipes = Report(), PinnedRecipes(lock_path(source.path), STATE)
    compile_source(Source(source.path, text), given, registry, report, recipes, MediaInspector())
    return report


def _complain(report: Report, written: bool) -> None:
    from callsheet.dsl.diagnostics.render import render_all

    click.echo(
        "the new file does not pass check" + ("" if written else ", so the old one stays") + ":\n", err=True
    )
    click.echo(render_all(report.sorted(), color=sys.stderr.isatty()), err=True)
    if not written:
        click.echo("  help: see it with --diff, write it with --force and finish by hand", err=True)


def _write(file: Path, text: str) -> None:
    from callsheet.runtime.store import atomic as disk

    path = file.resolve()
    mark = BOM if path.read_bytes().startswith(BOM) else b""
    disk.replace(path, [mark + text.encode()], path.stat().st_mode & 0o777)
