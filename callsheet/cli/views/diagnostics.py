"""Diagnostics on standard error, with the command that explains the first of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from callsheet.cli.output import paint_on
from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.render import render_all


def show_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print them all. A person at a terminal is also told how to read about the first error."""
    click.echo(render_all(diagnostics, paint_on(sys.stderr)), err=True)
    first = next((found.code for found in diagnostics if found.severity == "error"), "")
    if first and sys.stderr.isatty():
        click.echo(f"an example: callsheet check --rule {first}", err=True)
