"""Changes to a text, by place; what is outside of them stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar

COMMA: Final = re.compile(r"\s*,")


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str

    def is_inside(self, drop: Edit) -> bool:
        """Whether it is inside of what `drop` takes out. What is put in right before that belongs to what
        stays, such as the bracket after a value whose neighbour goes."""
        return drop.start <= self.start < drop.end and (drop.start, drop.start) != (self.start, self.end)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits; they do not overlap, and of two at one place the first given comes first."""
    done, at = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        done += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*done, text[at:]])


def outside_of_dropped(edits: Sequence[Edit]) -> list[Edit]:
    """The edits without those of text that others take out."""
    drops = [edit for edit in edits if edit.text == "" and edit.start < edit.end]
    return [e for e in edits if e in drops or not any(e.is_inside(drop) for drop in drops)]


def replaced(node: YamlNode, text: str) -> Edit:
    return Edit(node.span.start, node.span.end, text)


def without(mapping: YamlMap, names: set[str]) -> list[Edit]:
    """The edits that take entries out of a mapping: whole lines, or in flow style with a comma each."""
    text = mapping.span.source.text
    if text[mapping.span.start : mapping.span.start + 1] == "{":
        return _from_flow(mapping, names)
    return [_lines(key, value) for key, value in mapping.entries if key.text in names]


def _lines(key: YamlScalar, value: YamlNode) -> Edit:
    text = key.span.source.text
    start = text.rfind("\n", 0, key.span.start) + 1
    last = key.span.start + len(text[key.span.start : value.span.end].rstrip())
    end = text.find("\n", last)
    return Edit(start, len(text) if end < 0 else end + 1, "")


def _from_flow(mapping: YamlMap, names: set[str]) -> list[Edit]:
    """An entry goes with the comma after it, the last ones with that before them, all with every comma."""
    entries = mapping.entries
    kept = [i for i, (key, _) in enumerate(entries) if key.text not in names]
    if not kept:
        end = entries[-1][1].span.end
        comma = COMMA.match(mapping.span.source.text, end)
        return [Edit(entries[0][0].span.start, comma.end() if comma else end, "")]
    edits = []
    for i, (key, _) in enumerate(entries):
        if key.text in names and i < kept[-1]:
            edits.append(Edit(key.span.start, entries[i + 1][0].span.start, ""))
    if kept[-1] < len(entries) - 1:
        edits.append(Edit(entries[kept[-1]][1].span.end, entries[-1][1].span.end, ""))
    return edits
