"""`callsheet.toml`: what a project may say, and how."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import nearest, suggest

SYNTAX: Final = Rule("settings-syntax", "`callsheet.toml` is TOML in UTF-8.")
KEY: Final = Rule("settings-key", "`callsheet.toml` does not have this key here.")
VALUE: Final = Rule("settings-value", "A value in `callsheet.toml` has the type of its key.")
REQUIRES: Final = Rule("settings-version", "The project works with this version of callsheet.")
PLACE: Final = Rule("settings-place", "A path that `callsheet.toml` names lies inside the project.")
STORE: Final = Rule("store-not-granted", "A store outside the project is used when a person granted it once.")


@SYNTAX.error
def not_toml(why: str) -> Text:
    return (
        f"this is not TOML: {why}",
        'text stands in quotes: `store = "team"`; a table begins with `[budget]`',
    )


@SYNTAX.error
def not_read(why: str) -> Text:
    return f"it cannot be read: {why}", "it must be a file in UTF-8 that you may read"


@KEY.error
def unknown_key(key: str, allowed: Iterable[str]) -> Text:
    known = tuple(allowed)
    return f"there is no key `{key}` here", suggest(key, known) or f"known here: {', '.join(known)}"


@VALUE.error
def wrong_value(key: str, wanted: str, example: str) -> Text:
    return f"`{key}` is {wanted}", f"for example: {example}"


@VALUE.warning
def unknown_task(name: str, known: Iterable[str]) -> Text:
    near = nearest(name, known)
    return (
        f"no model has the task `{name}`, so this table changes nothing",
        f"did you mean `{near}`?"
        if near
        else "name a task, or an endpoint in quotes, as `callsheet models` lists them",
    )


@REQUIRES.error
def other_version(requires: str, version: str) -> Text:
    return f"the project requires callsheet {requires}, and this is {version}", "install a version that fits"


@PLACE.error
def outside(name: str) -> Text:
    return (
        f"{name} does not lie inside the project, or is hidden",
        "a project names only its own files; name others on the command line",
    )


@PLACE.error
def no_store(place: str) -> Text:
    return (
        f"{place} is no place for a store: it is hidden, or the project itself",
        'give it a folder of its own: store = "team/store"',
    )


@STORE.warning
def store_not_granted(place: str) -> Text:
    return (
        f"the store {place} lies outside the project, and nobody has granted it here: it is not used",
        "callsheet run asks for it once at a terminal; --store uses it for one command",
    )
