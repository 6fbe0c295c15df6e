"""Reads a lock file exactly as `write` leaves it, with regular expressions: many times faster than as YAML,
and every run reads it.

Any other text is left to the YAML reader, which reports mistakes with their places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeVar

from callsheet.dsl.yaml.writer import PLAIN, WORD
from callsheet.runtime.lock.model import Block, Lock, Made, Recipe
from callsheet.runtime.lock.write import HEAD, VERSION

T = TypeVar("T")
START: Final = f"{HEAD}lock: {VERSION}\n"
HEX: Final = "[0-9a-f]{64}"
COUNT: Final = "[1-9][0-9]{0,5}"
RECIPE: Final = re.compile(rf"  ({PLAIN}):\n    {{commit: ([0-9a-f]{{40}}|{HEX}), tree: ({HEX})}}\n")
ENDPOINT: Final = re.compile(rf"  ({PLAIN}):\n    ({HEX})\n")
PIN: Final = rf'(?:{WORD}|"{WORD}[\w/.@+=\[\]-]*"): {HEX}'
BLOCK: Final = re.compile(
    rf"  ({PLAIN}):\n    {{"
    rf"(?:takes: ({COUNT})(?:, |(?=}})))?(?:pick: ({COUNT})(?:, |(?=}})))?(?:approved: ({HEX})(?:, |(?=}})))?"
    rf"(?:key: ({HEX}), uses: ({WORD}), usd: (null|[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?),"
    rf" outputs: {{({PIN}(?:, {PIN})*)?}}(?:, refused: \[({HEX}(?:, {HEX})*)\])?)?}}\n"
)


class Irregular(Exception):
    """The text is not exactly as `write` leaves it."""


def canonical(text: str) -> Lock | None:
    """The lock in `text`; None if the text is not exactly as `write` leaves a lock."""
    if not text.startswith(START):
        return None
    recipes: dict[str, Recipe] = {}
    endpoints: dict[str, str] = {}
    instances: dict[str, Block] = {}
    try:
        at = _section(text, len(START), "recipes", RECIPE, lambda m: _add(recipes, m[1], Recipe(m[2], m[3])))
        at = _section(text, at, "endpoints", ENDPOINT, lambda m: _add(endpoints, m[1], m[2]))
        at = _section(text, at, "instances", BLOCK, lambda m: _add(instances, m[1], _block(m)))
    except Irregular:
        return None
    return Lock(recipes, endpoints, instances) if at == len(text) else None


def _section(
    text: str, at: int, name: str, form: re.Pattern[str], take: Callable[[re.Match[str]], None]
) -> int:
    """Read every entry of the section that starts at `at`, if it does. Returns where the section ends."""
    heading = f"\n{name}:\n"
    if not text.startswith(heading, at):
        return at
    at += len(heading)
    while entry := form.match(text, at):
        take(entry)
        at = entry.end()
        if not text.startswith("\n  ", at):
            return at
        at += 1
    raise Irregular


def _add(known: dict[str, T], name: str, value: T) -> None:
    if name in known:
        raise Irregular
    known[name] = value


def _block(entry: re.Match[str]) -> Block:
    takes, pick, approved, key, uses, usd, outputs, refused = entry.groups()[1:]
    others = tuple(refused.split(", ")) if refused else ()
    made = Made(key, uses, _outputs(outputs), None if usd == "null" else float(usd), others) if key else None
    block = Block(made, int(takes) if takes else None, int(pick) if pick else None, approved or "")
    if block == Block() or entry[0].endswith(", }\n"):
        raise Irregular
    return block


def _outputs(pins: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for pin in pins.split(", ") if pins else ():
        place, _, digest = pin.rpartition(": ")
        _add(found, place.strip('"'), digest)
    return found
