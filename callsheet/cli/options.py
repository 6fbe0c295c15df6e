"""Options that several verbs share, and where a project keeps its state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from callsheet.errors import InputError

Verb = Callable[..., Any]
STATE: Final = Path(".callsheet")
"""Ledger, store and receipts of the project in the current folder."""


def pipeline_options(verb: Verb) -> Verb:
    """FILE, `--set NAME=VALUE`, `--inputs FILE` and `--trust`."""
    verb = trust_option(verb)
    verb = click.option(
        "--inputs",
        type=click.Path(dir_okay=False, path_type=Path),
        help="A YAML or JSON file of input values.",
    )(verb)
    verb = click.option(
        "sets", "--set", multiple=True, metavar="NAME=VALUE", help="The value of an input; may be repeated."
    )(verb)
    return click.argument("file", type=click.Path(path_type=Path))(verb)


def store_option(verb: Verb) -> Verb:
    """`--store PLACE`, or the variable CALLSHEET_STORE."""
    return click.option(
        "--store",
        metavar="PLACE",
        envvar="CALLSHEET_STORE",
        default="",
        help="A store that a team shares: a folder or a URL (also CALLSHEET_STORE).",
    )(verb)


def trust_option(verb: Verb) -> Verb:
    """`--trust`, heard wherever a pipeline is checked."""
    return click.option(
        "--trust",
        is_flag=True,
        expose_value=False,
        callback=_trust,
        help="Run the code files that the pipeline names (uses: ./nodes/slate.py#slate).",
    )(verb)


def _trust(_: click.Context, __: click.Parameter, trust: bool) -> None:
    from callsheet.trust import TRUST

    TRUST.set(trust)


def parse_sets(sets: tuple[str, ...]) -> dict[str, str]:
    """`("n=3",)` → `{"n": "3"}`; raises InputError for one without `=`."""
    found = {}
    for text in sets:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text} has no value", "write --set NAME=VALUE")
        found[name.strip()] = value
    return found
