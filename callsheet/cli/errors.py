"""Failures at the command line: the user's in plain words, ours as a report that can be pasted."""

from __future__ import annotations

import platform
import re
import sys
import traceback
from pathlib import Path

import click

from callsheet._version import __version__
from callsheet.errors import CallsheetError, PipelineError, StoreError

SECRET = re.compile(r"(?i)(key|token|secret|password)([\"']?\s*[=:]\s*[\"']?)[^\s\"',)]+")


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
    click.echo(report(error), err=True)
    return 3


def _diagnostics(error: PipelineError) -> None:
    from callsheet.dsl.diagnostics.render import render_all

    click.echo(render_all(error.diagnostics, color=sys.stderr.isatty()), err=True)


def report(error: BaseException) -> str:
    """A bug report: versions and the traceback, without secrets and without the user's folders."""
    frames = "".join(traceback.format_exception(error))
    frames = frames.replace(str(Path(__file__).parents[2]) + "/", "").replace(str(Path.home()), "~")
    frames = SECRET.sub(r"\1\2…", frames)
    return (
        "This is a bug in callsheet, not in your file. Please paste what follows into a report.\n\n"
        f"callsheet {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}\n"
        f"{frames}"
    )
