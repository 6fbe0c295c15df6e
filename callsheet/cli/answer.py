"""Answers as JSON: `--json` of every verb that answers something prints one document with a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Protocol

import click

from callsheet.errors import CallsheetError

Verb = Callable[..., Any]


class Answer(Protocol):
    """A value that gives itself as JSON."""

    def to_json(self) -> Mapping[str, Any]: ...


def json_option(verb: Verb) -> Verb:
    """`--json`. Where the verb cannot answer, the document says why, and standard error as well."""

    @wraps(verb)
    def answering(*arguments: Any, as_json: bool, **options: Any) -> Any:
        try:
            return verb(*arguments, as_json=as_json, **options)
        except CallsheetError as error:
            if as_json:
                print_json({"version": 1, "error": error.to_json()})
            raise

    return click.option("as_json", "--json", is_flag=True, help="Print one JSON document.")(answering)


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
