"""`callsheet explain`: what one instance is made of, what changed, what that affects."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, json_text
from callsheet.cli.kept_answers import Say, repeated
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.output import coloured
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options


@click.command("explain", cls=FileFirst)
@addressed_pipeline_options
@store_option
@click.argument("address", shell_complete=completion.addresses)
@json_option
def command(
    file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], store: str, address: str, as_json: bool
) -> int:
    """Show what the instance at ADDRESS is made of, what changed since last time, and which other instances
    that affects."""

    def tell(say: Say) -> int:
        from callsheet.cli.views.explain import explanation_lines
        from callsheet.runtime.check import load
        from callsheet.runtime.explain import explain
        from callsheet.runtime.workspace import Workspace

        found = explain(load(file, parse_sets(sets), inputs), address, Workspace.of(file), store)
        if as_json:
            say(json_text(found))
        else:
            say("\n".join(explanation_lines(found, coloured(sys.stdout))))
        return 0

    return repeated([file], tell)
