"""Another text for a value of a node: its characters in the file are replaced, every other byte stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.substitute.edits import applied, replaced
from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar, to_data
from callsheet.dsl.yaml.reader import read_yaml
from callsheet.dsl.yaml.writer import quoted

INDENT: Final = 2
"""Columns by which a block of text is moved in from its key, where it stands on no line yet."""


def text_of(root: YamlNode | None, node: str, parameter: str) -> YamlScalar | None:
    """What a file says of a text parameter of a node, with its expressions; None where it does not say it, or
    says no text."""
    found = _get(_get(_get(_get(root, "nodes"), node), "with"), parameter)
    return found if isinstance(found, YamlScalar) and isinstance(found.value, str) else None


def reworded(source: Source, node: str, parameter: str, text: str) -> str:
    """The file `source` with another `text` for a parameter for which `text_of` finds one: in the style in
    which that is written, if the file then says the same of everything else; in double quotes otherwise,
    which hold every text."""
    root = read_yaml(source, Report())
    old = text_of(root, node, parameter)
    assert old is not None
    for written in _styles(source, old, text):
        new = applied(source.text, [replaced(old, written)])
        found = read_yaml(Source(source.path, new), Report())
        if found is not None and _said(found, node, parameter) == _said(root, node, parameter, text):
            return new
    return applied(source.text, [replaced(old, quoted(text) + _end(old))])


def _said(root: YamlNode | None, node: str, parameter: str, text: str | None = None) -> object:
    """All that a file says, with `text` for the parameter. Line ends behind that do not count."""
    said: Any = to_data(root) if root is not None else None
    try:
        place = said["nodes"][node]["with"]
        place[parameter] = str(place[parameter] if text is None else text).rstrip("\n")
    except (KeyError, TypeError):
        return None
    return said


def _styles(source: Source, old: YamlScalar, text: str) -> Iterator[str]:
    match old.style:
        case "|" | ">":
            yield _block(source, old, text)
        case "'":
            yield "'" + text.replace("'", "''") + "'"
        case "":
            yield text


def _block(source: Source, old: YamlScalar, text: str) -> str:
    """As a block, with the header and the indentation of the old one."""
    header, _, below = old.span.text.partition("\n")
    first = next((line for line in below.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" "))] or " " * _column(source, old)
    gap = "\n" if old.style == "|" else "\n\n"
    lines = text.rstrip("\n").split("\n")
    return header + "\n" + gap.join(f"{indent}{line}".rstrip() for line in lines) + (_end(old) or "\n")


def _end(old: YamlScalar) -> str:
    """The line ends behind a block, which are part of it."""
    written = old.span.text
    return written[len(written.rstrip()) :] if old.style in ("|", ">") else ""


def _column(source: Source, old: YamlScalar) -> int:
    """Where a block begins that has no line yet: further in than the line of its key."""
    number, _ = source.position(old.span.start)
    line = source.line(number)
    return len(line) - len(line.lstrip(" ")) + INDENT


def _get(node: YamlNode | None, key: str) -> YamlNode | None:
    return node.get(key) if isinstance(node, YamlMap) else None
