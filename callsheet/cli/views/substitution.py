"""A substitution as text: what changes in each node, and why the new file cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.dsl.diagnostics.render import Paint, render_all
from callsheet.runtime.substitute import Substituted
from callsheet.spec.plural import plural

HEADINGS: Final = {
    "changed": "",
    "note": "note: ",
    "warning": "warning: ",
    "lost": "not carried over: ",
    "missing": "missing: ",
}


def summary(done: Substituted, old: str, new: str) -> Iterator[str]:
    """The remarks about each node, those that change nothing first."""
    yield f"{done.file}: {plural(len(done.nodes), 'node')} from {old} to {new}"
    for kind, heading in HEADINGS.items():
        for remark in done.remarks:
            if remark.kind == kind:
                yield printable(f"  {heading}{remark.node}: {remark.text}")


def failure(done: Substituted, kept: bool, paint: Paint) -> str:
    """The diagnostics of the new text. kept: the file stays as it was."""
    head = "the new file does not pass check" + (f", so {done.file} is not changed" if kept else "")
    step = "\n  help: show the changes with --diff, or write them with --force and correct them by hand"
    return f"{head}:\n\n{render_all(done.diagnostics, paint)}" + (step if kept else "")
