"""YAML with positions: what the reader gives and the parser takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.yaml.scalar_offsets import offsets

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class YamlScalar:
    """A leaf. `text` is what YAML read, `value` the same as a YAML 1.2 core value.

    style: "" plain, "'" or '"' quoted, "|" literal, ">" folded.
    """

    span: Span
    text: str
    value: Plain
    style: str = ""

    def locate(self, start: int, end: int) -> Span:
        """The place in the file of characters `start` to `end` of `text`."""
        places = offsets(self.span.text, self.text, self.style)
        if places is None or not self.text:
            return self.span
        first = places[min(start, len(self.text) - 1)]
        last = places[min(max(end, start + 1), len(self.text)) - 1]
        return Span(self.span.source, self.span.start + first, self.span.start + last + 1)


@dataclass(frozen=True, slots=True)
class YamlList:
    """A list, with its place in the file."""

    span: Span
    items: tuple[YamlNode, ...]


@dataclass(frozen=True, slots=True)
class YamlMap:
    """A mapping in the order of the file, with its place there."""

    span: Span
    entries: tuple[tuple[YamlScalar, YamlNode], ...]

    def get(self, key: str) -> YamlNode | None:
        return next((v for k, v in self.entries if k.text == key), None)

    def __iter__(self) -> Iterator[tuple[str, YamlScalar, YamlNode]]:
        """(key, its scalar, value) for each entry."""
        return ((k.text, k, v) for k, v in self.entries)


YamlNode = YamlScalar | YamlList | YamlMap


def to_data(node: YamlNode) -> object:
    """The node as plain Python data."""
    match node:
        case YamlScalar():
            return node.value
        case YamlList():
            return [to_data(item) for item in node.items]
        case YamlMap():
            return {key: to_data(value) for key, _, value in node}


def describe(node: YamlNode) -> str:
    """What a person would call this node."""
    match node:
        case YamlList():
            return "a list"
        case YamlMap():
            return "a mapping"
        case YamlScalar(value=None):
            return "nothing"
        case YamlScalar(value=bool()):
            return f"the boolean {node.text}"
        case YamlScalar(value=int() | float()):
            return f"the number {node.text}"
        case _:
            return "text"
