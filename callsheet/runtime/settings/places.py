"""Where the keys of a TOML text stand. `tomllib` reads values without their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from callsheet.dsl.diagnostics.source import Source, Span

if TYPE_CHECKING:
    import tomllib

KeyPath = tuple[str, ...]
KEY: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
DOTTED: Final = rf"{KEY}(?:[ \t]*\.[ \t]*{KEY})*"
HEAD: Final = re.compile(rf"[ \t]*\[\[?[ \t]*({DOTTED})[ \t]*\]")
PAIR: Final = re.compile(rf"[ \t]*({DOTTED})[ \t]*=")
LONG: Final = ('"""', "'''")
AT: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


class Places:
    """The places of the keys in a TOML text that `tomllib` has read.

    A key inside of an inline table has the place of the table's key.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.spans: dict[KeyPath, Span] = {}
        for path, start, end in _keys(source.text):
            self.spans.setdefault(path, Span(source, start, end))
        for path, span in list(self.spans.items()):
            for length in range(1, len(path)):
                self.spans.setdefault(path[:length], span)

    def of(self, path: KeyPath) -> Span:
        """The span of the key at `path`; else of the first key in it, or of the nearest around it."""
        while path and path not in self.spans:
            path = path[:-1]
        return self.spans.get(path) or Span(self.source, 0, min(1, len(self.source.text)))


def place_of(source: Source, error: tomllib.TOMLDecodeError) -> Span:
    """Where a TOML text is wrong, as the message of `tomllib` says; its end where it says nothing."""
    found = AT.search(str(error))
    end = len(source.text)
    if found is None:
        return Span(source, max(0, end - 1), end)
    start = min(source.starts[min(int(found[1]), len(source.starts)) - 1] + int(found[2]) - 1, end)
    return Span(source, start, min(start + 1, end))


def _keys(text: str) -> Iterator[tuple[KeyPath, int, int]]:
    """Each key that begins a line, with the table that it is in, and where its name starts and ends."""
    table: KeyPath = ()
    offset, inside = 0, False
    for line in text.splitlines(keepends=True):
        found = None if inside else HEAD.match(line) or PAIR.match(line)
        if found is not None:
            named = _path(found[1])
            table = named if found.re is HEAD else table
            start = offset + found.start(1)
            if named:
                yield (named if found.re is HEAD else (*table, *named)), start, start + len(found[1])
        inside ^= any(line.count(mark) % 2 for mark in LONG)
        offset += len(line)


def _path(dotted: str) -> KeyPath:
    """`a."b.c"` → ("a", "b.c"); nothing for what only looks like a key, in a text of several lines."""
    import tomllib

    try:
        found = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    path: list[str] = []
    node: object = found
    while isinstance(node, dict):
        ((name, node),) = node.items()
        path.append(name)
    return tuple(path)
