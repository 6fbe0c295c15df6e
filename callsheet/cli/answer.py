"""Answers as JSON: `--json` of every verb that answers something prints one document with a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import click

from callsheet.errors import CallsheetError

Verb = Callable[..., Any]
ON_FAILURE: Final = "callsheet.on_failure"
"""In the `meta` of click's context: how a program is told of the exception that ends the verb."""


class Answer(Protocol):
    """A value that gives itself as JSON."""

    def to_json(self) -> Mapping[str, Any]: ...


def json_option(verb: Verb) -> Verb:
    """`--json`. Where the verb cannot answer, the document says why, and standard error as well."""
    return click.option(
        "as_json",
        "--json",
        is_flag=True,
        is_eager=True,
        callback=lambda ctx, _, as_json: expect_document(ctx, as_json),
        help="Print one JSON document.",
    )(verb)


def expect_document(ctx: click.Context, as_json: bool) -> bool:
    """From now on a failure is printed as a document, also while the rest of the command line is read."""
    if as_json:
        ctx.meta[ON_FAILURE] = print_failure
    return as_json


def print_failure(error: Exception) -> None:
    """Print what is the user's to mend as one JSON document."""
    if isinstance(error, CallsheetError):
        print_json({"version": 1, "error": error.to_json()})


def print_json(answer: Answer | Mapping[str, Any]) -> None:
    """Print an answer as one JSON document."""
    click.echo(json_text(answer))


def json_text(answer: Answer | Mapping[str, Any]) -> str:
    """An answer as it is printed."""
    data = answer if isinstance(answer, Mapping) else answer.to_json()
    return json.dumps(data, ensure_ascii=False, indent=2)


def tell_of_old_spelling(as_json: bool, old: str) -> None:
    """Tell who asks for JSON in an old way that there is one for all verbs now."""
    if not as_json:
        click.echo(f"note: {old} will not be understood by the next version; --json says the same", err=True)
