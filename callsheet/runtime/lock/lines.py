"""The lines of a lock file, version 2. Each says one thing by itself, so that a merge of lines mixes none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.yaml.writer import WORD, quoted, scalar
from callsheet.runtime.lock.model import KINDS, Decision, Made, Recipe

NUMBER: Final = re.compile("[0-9]+(e[0-9]+)?")
_WORD: Final = re.compile(WORD)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of the instance at `address`, with the inputs of `section`."""

    section: str
    address: str
    made: Made


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about the instance at `address`, with the inputs of `section`."""

    section: str
    address: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Pin:
    """The commit of a recipe in git."""

    uses: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Schema:
    """The digest of an endpoint's schema when it was last used."""

    uses: str
    digest: str


@dataclass(frozen=True, slots=True)
class Section:
    """The inputs that the section `name` is about, by their names; never their values."""

    name: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Writer:
    """The version of callsheet that wrote the file."""

    version: str


Line = Result | Decided | Pin | Schema | Section | Writer


def place(line: Line) -> tuple[int, str, str, int]:
    """Where a line stands in the file. Two that say something else of the same have one place; their order
    then tells which side of a merge each is from."""
    match line:
        case Writer():
            return 0, "", "", 0
        case Section(name):
            return 1, name, "", 0
        case Pin(uses):
            return 2, "", uses, 0
        case Schema(uses):
            return 3, "", uses, 0
        case Result(section, address):
            return 4, section, address, 0
        case Decided(section, address, decision):
            return 4, section, address, 1 + KINDS.index(decision.kind)


def title(line: Line) -> str:
    """What a line is about, for the comment above it."""
    match line:
        case Writer():
            name = "callsheet"
        case Section(section):
            name = f"section {section}"
        case Pin(uses) | Schema(uses):
            name = uses
        case Result(section, address) | Decided(section, address):
            name = in_section(section, address)
    return name if name.isprintable() else quoted(name)


def in_section(section: str, address: str) -> str:
    """An address with the section that a line about it is in: `[eu] clip`; alone in the default section."""
    return f"[{section}] {address}" if section else address


def text_of(line: Line) -> str:
    """A line as it is written, without its end."""
    return f"- {{{', '.join(_fields(line))}}}"


def _fields(line: Line) -> Iterator[str]:
    match line:
        case Writer(version):
            yield f"callsheet: {word(version)}"
        case Section(name, inputs):
            yield f"section: {word(name)}"
            yield f"inputs: [{', '.join(map(word, inputs))}]"
        case Pin(uses, recipe):
            yield f"recipe: {word(uses)}"
            yield f"commit: {digits(recipe.commit)}"
            yield f"tree: {digits(recipe.tree)}"
            yield from _said(recipe.by, recipe.at)
        case Schema(uses, digest):
            yield f"endpoint: {word(uses)}"
            yield f"schema: {digits(digest)}"
        case Result(section, address, made):
            yield from _inside(section)
            yield f"made: {word(address)}"
            yield from _made(made)
        case Decided(section, address, decision):
            yield from _inside(section)
            yield f"{decision.kind}: {word(address)}"
            yield from _decision(decision)


def _inside(section: str) -> Iterator[str]:
    if section:
        yield f"in: {word(section)}"


def _made(made: Made) -> Iterator[str]:
    outputs = (f"{scalar(name, True)}: {digits(digest)}" for name, digest in sorted(made.outputs.items()))
    yield f"key: {digits(made.key)}"
    yield f"uses: {scalar(made.uses, True)}"
    yield f"usd: {usd(made.usd)}"
    yield f"outputs: {{{', '.join(outputs)}}}"
    if made.refused:
        yield f"refused: [{', '.join(map(digits, made.refused))}]"


def _decision(decision: Decision) -> Iterator[str]:
    if decision.number:
        yield f"number: {decision.number}"
    if decision.digest:
        yield f"digest: {digits(decision.digest)}"
    if decision.key:
        yield f"key: {digits(decision.key)}"
    yield from _said(decision.by, decision.at, decision.note)


def _said(by: str, at: str, note: str = "") -> Iterator[str]:
    for name, said in (("by", by), ("at", at), ("note", note)):
        if said:
            yield f"{name}: {word(said)}"


def word(text: str) -> str:
    """`text` inside of braces: plain, else in single quotes, which leave addresses readable."""
    if _WORD.fullmatch(text):
        return scalar(text, True)
    return f"'{text}'" if "'" not in text and text.isprintable() and text else quoted(text)


def digits(text: str) -> str:
    """Hexadecimal digits; in quotes where YAML would take them for a number."""
    return f'"{text}"' if NUMBER.fullmatch(text) else text


def usd(amount: float | None) -> str:
    """USD with the six digits that the ledger counts; null where nobody knows."""
    return "null" if amount is None else f"{amount:.6f}".rstrip("0").rstrip(".")
