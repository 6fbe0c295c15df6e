"""The lock file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from callsheet.spec import shell
from callsheet.spec.rules.document import MISSING_KEY, UNKNOWN_KEY, VERSION
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest

CONFLICT: Final = Rule("lock-conflict", "A git merge left both versions in the lock file.")
DISPUTE: Final = Rule("lock-dispute", "Two people decided differently; somebody has to choose.")
LEFT: Final = Rule("lock-left", "A git merge left more results of an instance than it needs.")
EMPTY: Final = Rule("lock-empty", "A lock file names an instance without an entry.")
MODEL: Final = Rule("lock-model", "A model has changed since the lock file was written.")
VALUE: Final = Rule("lock-value", "A value in a lock file does not have the form that callsheet writes.")

AGAIN: Final = "or take the file back from git and run `callsheet lock FILE`"
NAMED: Final = 5


@CONFLICT.error
def both_sides() -> Text:
    return (
        "a merge left both sides here",
        "`callsheet lock FILE` settles it: it keeps the results and the decisions of both",
    )


@DISPUTE.error
def dispute(address: str, ours: str, theirs: str, ours_of: str, file: str) -> Text:
    return (
        f"two decisions about {address}: ours: {ours}; theirs: {theirs}",
        f"choose: callsheet lock {file} --ours {ours_of}, or --theirs",
    )


@LEFT.warning
def left_by_merge(addresses: Sequence[str], file: str) -> Text:
    more = f" and {len(addresses) - NAMED} more" if len(addresses) > NAMED else ""
    return (
        f"a merge left several results of {', '.join(addresses[:NAMED])}{more};"
        " the one that the pipeline asks for counts",
        f"`{shell.command(['callsheet', 'lock', file])}` drops the others",
    )


@MODEL.warning
def model_changed_since(uses: str, version: str) -> Text:
    """version: of the callsheet that wrote the lock file, "" where nobody knows."""
    by = f", or use callsheet {version}, which wrote the lock file" if version else ""
    return (
        f"{uses} has changed since the lock file was written; its description of today counts",
        f"name the store that has the former one (--store PLACE), run the film from its archive{by}",
    )


@VERSION.error
def other_lock_version(version: int) -> Text:
    return f"a lock file says `lock: {version}`", f"put it right, {AGAIN}"


@VERSION.error
def newer_lock(found: int, known: int) -> Text:
    return (
        f"a newer callsheet wrote this lock file: it says `lock: {found}`, this one reads up to {known}",
        "upgrade callsheet; nothing was changed and nothing was bought",
    )


@EMPTY.error
def empty_block() -> Text:
    return "nothing is said of this instance", f"remove it, {AGAIN}"


@MISSING_KEY.error
def line_about_nothing(known: Sequence[str]) -> Text:
    return f"this line has none of {', '.join(f'`{name}`' for name in known)}", f"remove it, {AGAIN}"


@MISSING_KEY.error
def keys_missing(names: Sequence[str]) -> Text:
    return f"{' and '.join(f'`{name}`' for name in names)} should be here", f"put it back, {AGAIN}"


@UNKNOWN_KEY.error
def unknown_lock_key(name: str, known: Iterable[str]) -> Text:
    return f"a lock has no `{name}` here", suggest(name, known, "keys")


@VALUE.error
def wrong_lock_value(wanted: str, found: str) -> Text:
    return f"this should be {wanted}, not {found}", f"put it right, {AGAIN}"
