"""Reads the lines of a lock file with regular expressions: many times faster than as YAML, and every run
reads it.

A merge of lines leaves lines that are each as callsheet wrote them, so merged files are read here, too. Any
other text is left to the YAML reader, which reports mistakes with their places.
"""

from __future__ import annotations

import re
from typing import Final, cast, get_args

from callsheet.dsl.yaml.reader import core_value
from callsheet.dsl.yaml.writer import WORD
from callsheet.runtime.lock.lines import Decided, Line, Pin, Result, Schema, Section, Writer
from callsheet.runtime.lock.model import Decision, DecisionKind, Made, Recipe
from callsheet.runtime.lock.write import HEAD, VERSION

START: Final = f"{HEAD}lock: {VERSION}\n"
LINES: Final = "\nlines:\n"
HEX: Final = "[0-9a-f]{64}"
TEXT: Final = rf"({WORD}|'[^'\n\\]+')"
"""A word, or text in single quotes: printable, which `_plain` checks."""
PIN: Final = rf'(?:{WORD}|"{WORD}[\w/.@+=\[\]-]*"): {HEX}'
COUNT: Final = "[1-9][0-9]{0,5}"
INSIDE: Final = rf"- {{(?:in: {TEXT}, )?"
BY: Final = rf"(?:, by: {TEXT})?(?:, at: {TEXT})?(?:, note: {TEXT})?}}"
RESULT: Final = re.compile(
    rf"{INSIDE}made: {TEXT}, key: ({HEX}), uses: ({WORD}), usd: (null|[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?),"
    rf" outputs: {{({PIN}(?:, {PIN})*)?}}(?:, refused: \[({HEX}(?:, {HEX})*)\])?}}"
)
DECIDED: Final = re.compile(
    rf"{INSIDE}({'|'.join(get_args(DecisionKind))}): {TEXT}"
    rf"(?:, number: ({COUNT}))?(?:, digest: ({HEX}))?(?:, key: ({HEX}))?{BY}"
)
OTHERS: Final = re.compile(
    rf"- {{(?:recipe: {TEXT}, commit: ([0-9a-f]{{40}}|{HEX}), tree: ({HEX})(?:, by: {TEXT})?(?:, at: {TEXT})?"
    rf"|endpoint: {TEXT}, schema: ({HEX})|callsheet: {TEXT}"
    rf"|section: {TEXT}, inputs: \[({WORD}(?:, {WORD})*)?\])}}"
)
NUMBER: Final = re.compile("[0-9]+(e[0-9]+)?")
NEEDED: Final = {"takes": (0,), "pick": (0,), "approve": (1,), "reject": (1, 2)}


class Irregular(Exception):
    """The text is not as callsheet writes it."""


def quick(text: str) -> list[Line] | None:
    """The lines of `text`; None if it is not as callsheet writes it."""
    if not text.startswith(START):
        return None
    rest = text[len(START) :]
    if rest and not rest.startswith(LINES):
        return None
    try:
        return [_line(line) for line in rest[len(LINES) :].split("\n") if line and line[0] != "#"]
    except Irregular:
        return None


def _line(text: str) -> Line:
    if found := RESULT.fullmatch(text):
        return _result(*found.groups())
    if found := DECIDED.fullmatch(text):
        section, kind, address, *about = found.groups()
        return _decided(section, cast("DecisionKind", kind), address, *about)
    if (found := OTHERS.fullmatch(text)) and not found[9]:
        recipe, commit, tree, by, at, endpoint, schema, version = found.groups()[:8]
        if recipe:
            return Pin(_plain(recipe), Recipe(_hex(commit), _hex(tree), _plain(by), _plain(at)))
        return Schema(_plain(endpoint), _hex(schema)) if endpoint else Writer(_plain(version))
    if found:
        names = found[10] or ""
        return Section(_plain(found[9]), tuple(_plain(name) for name in names.split(", ") if names))
    raise Irregular


def _result(
    section: str, address: str, key: str, uses: str, usd: str, outputs: str | None, refused: str | None
) -> Result:
    others = tuple(map(_hex, refused.split(", "))) if refused else ()
    price = None if usd == "null" else float(usd)
    return Result(
        _plain(section), _plain(address), Made(_hex(key), _plain(uses), _outputs(outputs), price, others)
    )


def _decided(
    section: str, kind: DecisionKind, address: str, number: str, digest: str, key: str, *said: str
) -> Decided:
    about = int(number or 0), _hex(digest or ""), _hex(key or "")
    if not all(about[i] for i in NEEDED[kind]):
        raise Irregular
    return Decided(_plain(section), _plain(address), Decision(kind, *about, *map(_plain, said)))


def _outputs(pins: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for pin in pins.split(", ") if pins else ():
        name, _, digest = pin.rpartition(": ")
        name = name[1:-1] if name.startswith('"') else _plain(name)
        if name in found:
            raise Irregular
        found[name] = _hex(digest)
    return found


def _plain(word: str | None) -> str:
    """The text that a word stands for; "" for none."""
    if word is None:
        return ""
    if word.startswith("'"):
        if word.isprintable():
            return word[1:-1]
    elif isinstance(core_value(word), str):
        return word
    raise Irregular


def _hex(digits: str) -> str:
    if NUMBER.fullmatch(digits):
        raise Irregular
    return digits
