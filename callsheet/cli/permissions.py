"""What a person permits a command: options that add to `Permissions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from callsheet.cli.answer import Verb
from callsheet.spec.permissions import MAX_INSTANCES, PERMISSIONS


def trust_option(verb: Verb) -> Verb:
    """`--trust`, for every command that checks a pipeline."""
    help = "Run the code files that the pipeline names (uses: ./nodes/slate.py#slate)."
    return _flag("--trust", help, lambda trust: permit(trust=trust))(verb)


def fetch_option(verb: Verb) -> Verb:
    """`--fetch`, for every command that checks a pipeline."""
    help = "Fetch recipes from git that are not here, and the history that a shallow clone lacks."
    return _flag("--fetch", help, _fetch)(verb)


def _fetch(fetch: bool) -> None:
    if fetch:
        permit(fetch="any")


def _flag(option: str, help: str, permitted: Callable[[bool], None]) -> Callable[[Verb], Verb]:
    """An option without a value. permitted: told whether it was given."""
    return click.option(
        option,
        is_flag=True,
        expose_value=False,
        callback=lambda _, __, given: permitted(given),
        help=help,
    )


def grant_options(verb: Verb) -> Verb:
    """`--secret NAME`, `--allow ENDPOINT` and `--own-price ENDPOINT`, for the commands that send requests."""
    allow = "Send requests to this endpoint, which only the project's models/ describes; may be repeated."
    verb = _grant("--allow", "ENDPOINT", "endpoints", allow)(own_price_option(verb))
    secret = "Send this environment variable where the pipeline says so; may be repeated."
    return _grant("--secret", "NAME", "secrets", secret)(verb)


def own_price_option(verb: Verb) -> Verb:
    """`--own-price ENDPOINT`, for the commands that state a price."""
    help = "Count its price in models/prices.yaml, although a higher one is known; may be repeated."
    return _grant("--own-price", "ENDPOINT", "prices", help)(verb)


def _grant(option: str, metavar: str, permission: str, help: str) -> Callable[[Verb], Verb]:
    """An option that adds names to a permission. permission: a field of `Permissions`."""
    return click.option(
        option,
        multiple=True,
        metavar=metavar,
        expose_value=False,
        callback=lambda _, __, names: permit(**{permission: frozenset(names)}),
        help=help,
    )


def fetch_what_is_pinned() -> None:
    """For commands that make something: what the lock file pins is fetched without `--fetch`."""
    if PERMISSIONS.get().fetch == "none":
        permit(fetch="pinned")


def instances_option(verb: Verb) -> Verb:
    """`--max-instances N`, for every command that checks a pipeline."""
    return click.option(
        "--max-instances",
        type=click.IntRange(1),
        expose_value=False,
        callback=_instances,
        help=f"How many instances a pipeline may have (default: {MAX_INSTANCES:,}).",
    )(verb)


def _instances(_: click.Context, __: click.Parameter, most: int | None) -> None:
    if most is not None:
        permit(max_instances=most)


def permit(**allowed: Any) -> None:
    """Add to what the person allows this command."""
    PERMISSIONS.set(replace(PERMISSIONS.get(), **allowed))
