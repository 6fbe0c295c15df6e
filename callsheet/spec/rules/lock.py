"""The lock file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from callsheet.spec.rules.document import MISSING_KEY, UNKNOWN_KEY, VERSION
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest

CONFLICT: Final = Rule("lock-conflict", "A git merge left both versions in the lock file.")
EMPTY: Final = Rule("lock-empty", "A lock file names an instance without an entry.")
VALUE: Final = Rule("lock-value", "A value in a lock file does not have the form that callsheet writes.")

AGAIN: Final = "or delete the file and run `callsheet lock FILE` (picks and approvals in it are lost)"


@CONFLICT.error
def both_sides() -> Text:
    return (
        "a merge left both sides here",
        "`callsheet lock FILE` settles it: it keeps the decisions of both and writes the rest anew",
    )


@VERSION.error
def other_lock_version(version: int) -> Text:
    return f"a lock file says `lock: {version}`", f"use another callsheet, {AGAIN}"


@EMPTY.error
def empty_block() -> Text:
    return "nothing is said of this instance", f"remove it, {AGAIN}"


@MISSING_KEY.error
def keys_missing(names: Sequence[str]) -> Text:
    return f"{' and '.join(f'`{name}`' for name in names)} should be here", f"put it back, {AGAIN}"


@UNKNOWN_KEY.error
def unknown_lock_key(name: str, known: Iterable[str]) -> Text:
    return f"a lock has no `{name}` here", suggest(name, known, "keys")


@VALUE.error
def wrong_lock_value(wanted: str, found: str) -> Text:
    return f"this should be {wanted}, not {found}", f"put it right, {AGAIN}"
