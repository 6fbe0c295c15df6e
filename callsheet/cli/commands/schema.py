"""`callsheet schema`: the JSON Schema of pipelines, for editors, and of all that is printed as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from callsheet.errors import InputError


@click.command("schema")
@click.argument("document", default="pipeline", metavar="[DOCUMENT]")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--all", "every", is_flag=True, help="Include every endpoint of the catalogue (large).")
def command(document: str, output: Path | None, every: bool) -> int:
    """Print the JSON Schema that yaml-language-server reads, or that of DOCUMENT.

    The first line of a pipeline names it: # yaml-language-server: $schema=./callsheet.schema.json

    DOCUMENT is a verb, for what its --json prints, or `events`, for a line of `run --output json`.

    \b
    callsheet schema plan
    callsheet schema events
    """
    from callsheet.api.schema import schema

    text = json.dumps(schema(document, every), ensure_ascii=False)
    if output is None:
        click.echo(text)
        return 0
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {output}: {error.strerror}", "choose another file") from None
    click.echo(f"wrote {output}")
    return 0
