"""Failures at the command line: the user's in plain words, ours as a report that can be pasted."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.errors import CallsheetError, PipelineError, StoreError
from callsheet.spec import disk_errors as disk

BUG = "This is a bug in callsheet, not in your file. Please paste what follows into a report.\n"


def explain(error: Exception) -> int:
    """Print what happened to standard error; the exit code."""
    match error:
        case PipelineError():
            _diagnostics(error)
            return 1
        case CallsheetError():
            click.echo(f"error: {error.message}", err=True)
            if error.next_step:
                click.echo(f"  help: {error.next_step}", err=True)
            return 3 if isinstance(error, StoreError) else 1
        case OSError() if isinstance(error.filename, str) and error.errno in disk.FULL | disk.REFUSED:
            return explain(disk.explained(error, Path(error.filename)))
    _bug(error)
    return 3


def _diagnostics(error: PipelineError) -> None:
    from callsheet.cli.views.diagnostics import show_diagnostics

    show_diagnostics(error.diagnostics)


def _bug(error: Exception) -> None:
    from callsheet.runtime.crash_report import report

    click.echo(f"{BUG}\n{report(error)}", err=True)
