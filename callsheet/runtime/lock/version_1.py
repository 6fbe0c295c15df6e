"""Reads lock files of version 1: an entry of two lines for each instance, made with whatever inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar
from callsheet.dsl.yaml.writer import PLAIN, WORD
from callsheet.runtime.lock.fields import MADE, Fields
from callsheet.runtime.lock.lines import Decided, Line, Pin, Result, Schema
from callsheet.runtime.lock.model import Decision, Made, Recipe
from callsheet.spec.rules import lock as rules

START: Final = "# Written by callsheet, to be committed. After a merge: callsheet lock FILE\nlock: 1\n"
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
SECTIONS: Final = ("lock", "recipes", "endpoints", "instances")
DECISIONS: Final = ("takes", "pick", "approved")


class Irregular(Exception):
    """The text is not exactly as callsheet wrote it."""


def quick(text: str) -> list[Line] | None:
    """The lines that say the same as `text`, read with regular expressions, which is many times faster than
    YAML; None if the text is not exactly as callsheet wrote it."""
    if not text.startswith(START):
        return None
    found: list[Line] = []
    try:
        at = _section(text, len(START), "recipes", RECIPE, lambda m: [Pin(m[1], Recipe(m[2], m[3]))], found)
        at = _section(text, at, "endpoints", ENDPOINT, lambda m: [Schema(m[1], m[2])], found)
        at = _section(text, at, "instances", BLOCK, _block, found)
    except Irregular:
        return None
    return found if at == len(text) else None


def _section(
    text: str,
    at: int,
    name: str,
    form: re.Pattern[str],
    lines: Callable[[re.Match[str]], list[Line]],
    found: list[Line],
) -> int:
    """Add every entry of the section that starts at `at`, if it does. Returns where the section ends."""
    heading = f"\n{name}:\n"
    if not text.startswith(heading, at):
        return at
    at += len(heading)
    seen: set[str] = set()
    while entry := form.match(text, at):
        if entry[1] in seen:
            raise Irregular
        seen.add(entry[1])
        found += lines(entry)
        at = entry.end()
        if not text.startswith("\n  ", at):
            return at
        at += 1
    raise Irregular


def _block(entry: re.Match[str]) -> list[Line]:
    address, takes, pick, approved, key, uses, usd, outputs, refused = entry.groups()
    others = tuple(refused.split(", ")) if refused else ()
    made = Made(key, uses, _outputs(outputs), None if usd == "null" else float(usd), others) if key else None
    found = list(_lines(address, made, int(takes or 0), int(pick or 0), approved or ""))
    if not found or entry[0].endswith(", }\n"):
        raise Irregular
    return found


def _outputs(pins: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for pin in pins.split(", ") if pins else ():
        name, _, digest = pin.rpartition(": ")
        if name.strip('"') in found:
            raise Irregular
        found[name.strip('"')] = digest
    return found


def _lines(address: str, made: Made | None, takes: int, pick: int, approved: str) -> Iterator[Line]:
    if made is not None:
        yield Result("", address, made)
    if takes:
        yield Decided("", address, Decision("takes", takes))
    if pick:
        yield Decided("", address, Decision("pick", pick))
    if approved:
        yield Decided("", address, Decision("approve", digest=approved))


class Reading(Fields):
    """Reads one file as YAML, and reports its mistakes."""

    def lines(self, sections: Mapping[str, YamlNode]) -> Iterator[Line]:
        """What the file says; what is wrong is left out."""
        for uses, recipe in self.entries(sections.get("recipes"), self._recipe):
            yield Pin(uses, recipe)
        for uses, digest in self.entries(sections.get("endpoints"), self.digest):
            yield Schema(uses, digest)
        for address, lines in self.entries(sections.get("instances"), self._said):
            yield from lines(address)

    def _recipe(self, node: YamlNode) -> Recipe | None:
        fields = self.map(node, ("commit", "tree"), node.span)
        self.require(fields, ("commit", "tree"), node)
        commit, tree = self.commit(fields.get("commit")), self.optional(fields.get("tree"), self.digest)
        return None if commit is None or tree is None else Recipe(commit, tree)

    def _said(self, node: YamlNode) -> Callable[[str], Iterator[Line]] | None:
        if isinstance(node, YamlScalar) and node.value is None:
            self.report.add(node.span, rules.empty_block())
            return None
        fields = self.map(node, (*MADE, "refused", *DECISIONS), node.span)
        if not isinstance(node, YamlMap):
            return None
        made = None if fields.keys() & set(DECISIONS) == fields.keys() != set() else self.made(fields, node)
        takes, pick = self.count(fields.get("takes")) or 0, self.count(fields.get("pick")) or 0
        approved = self.optional(fields.get("approved"), self.digest) or ""
        return lambda address: _lines(address, made, takes, pick, approved)
