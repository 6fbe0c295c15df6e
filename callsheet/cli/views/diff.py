"""Differences in the form that was asked for."""

from __future__ import annotations

import json

from callsheet.cli.views.cut import columns
from callsheet.cli.views.diff_markdown import as_markdown, runs_as_markdown
from callsheet.cli.views.diff_text import as_text, runs_as_text
from callsheet.cli.views.films_markdown import films_as_markdown
from callsheet.cli.views.films_text import films_as_text
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.film_changes import FilmsChanges
from callsheet.runtime.diff.runs import RunChanges


def shown(changes: Changes | RunChanges | FilmsChanges, form: str, verbose: bool) -> str:
    """Differences as text, markdown or JSON. verbose: every instance, with the words that changed."""
    width = columns()
    if form == "json":
        return json.dumps(changes.to_json(), ensure_ascii=False, indent=2)
    if isinstance(changes, FilmsChanges):
        return films_as_markdown(changes) if form == "markdown" else films_as_text(changes, verbose, width)
    if isinstance(changes, RunChanges):
        return runs_as_markdown(changes) if form == "markdown" else runs_as_text(changes, width)
    return as_markdown(changes) if form == "markdown" else as_text(changes, verbose, width)
