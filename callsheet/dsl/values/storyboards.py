"""Storyboarder projects as list files: one object for each board, with its drawing as an image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.spec.rules import inputs as rules
from callsheet.spec.types import ListOf, Record, Type

ENDING: Final = ".storyboarder"
IMAGES: Final = "images"
"""The folder of the drawings, beside the project file."""
TEXTS: Final = {"action": "description", "dialogue": "dialogue", "notes": "notes"}
"""Texts of a board → fields of its object."""
LEFT_OUT: Final = {"audio": "audio", "link": "a linked PSD file"}
"""What a board may have, and its object has not, in words."""
USUAL_MS: Final = 2000
"""How long a board is shown in a project that does not say it."""


MOST_MS: Final = 86_400_000
"""A board is shown for less than a day."""


def is_storyboard(path: Path) -> bool:
    """Whether the file is a project of Storyboarder."""
    return path.suffix.lower() == ENDING


def boards(path: Path, project: YamlNode, wanted: Type, report: Report) -> YamlNode | None:
    """The boards of a project as a list of objects, in order; None with diagnostics.

    Each has `id`, `number`, `duration` (seconds), and where the board has it `shot`, `description`,
    `dialogue`, `notes` and `drawing`. Fields that `wanted` does not have are left out, and said if they hold
    something.
    """
    found = project.get("boards") if isinstance(project, YamlMap) else None
    if not isinstance(found, YamlList) or not found.items:
        report.add(project.span, rules.no_boards())
        return None
    item = wanted.item if isinstance(wanted, ListOf) else wanted
    fields = frozenset(item.fields) if isinstance(item, Record) else None
    usual = _number(project.get("defaultBoardTiming") if isinstance(project, YamlMap) else None) or USUAL_MS
    reader = _Boards(path.parent / IMAGES, usual, fields)
    objects = [reader.read(number, board) for number, board in enumerate(found.items, 1)]
    wrong = [board for board, read in zip(found.items, objects, strict=True) if read is None]
    for board in wrong:
        report.add(board.span, rules.no_board())
    reader.tell(found.span, report)
    return None if wrong else YamlList(found.span, tuple(filter(None, objects)))


class _Boards:
    """Reads boards. left: what is in no object → the numbers of the boards that have it."""

    def __init__(self, images: Path, usual: float, fields: frozenset[str] | None) -> None:
        self.images, self.usual, self.fields = images, usual, fields
        self.left: dict[str, list[int]] = {}
        self.undrawn: list[int] = []

    def read(self, number: int, board: YamlNode) -> YamlMap | None:
        if not isinstance(board, YamlMap):
            return None
        entries = []
        for name, value in self._values(number, board):
            if self.fields is None or name in self.fields:
                entries.append((YamlScalar(board.span, name, name), value))
            elif name in (*TEXTS.values(), "drawing"):
                self._leave(f"`{name}`", number)
        for key, words in LEFT_OUT.items():
            if board.get(key) is not None:
                self._leave(words, number)
        return YamlMap(board.span, tuple(entries))

    def tell(self, span: Span, report: Report) -> None:
        """Warn of what is in no object, and of boards whose drawing is not there."""
        if self.left:
            report.add(span, rules.left_out_of_boards(self.left))
        if self.undrawn and (self.fields is None or "drawing" in self.fields):
            report.add(span, rules.no_drawings(self.undrawn, self.images.name))

    def _leave(self, words: str, number: int) -> None:
        self.left.setdefault(words, []).append(number)

    def _values(self, number: int, board: YamlMap) -> Iterator[tuple[str, YamlScalar]]:
        shot = board.get("shot")
        named = _text(shot)
        yield "id", named or _plain(board.span, str(number))
        yield "number", YamlScalar(board.span, str(number), number)
        if named:
            yield "shot", named
        seconds = (_number(board.get("duration")) or self.usual) / 1000
        whole = int(seconds) if seconds.is_integer() else seconds
        yield "duration", YamlScalar(board.span, str(whole), whole)
        for key, name in TEXTS.items():
            if text := _text(board.get(key)):
                yield name, text
        drawing = self._drawing(board)
        if drawing is None:
            self.undrawn.append(number)
        else:
            yield "drawing", drawing

    def _drawing(self, board: YamlMap) -> YamlScalar | None:
        """The flattened picture of a board: its poster, else its single layer, else its thumbnail."""
        url = _text(board.get("url"))
        if url is None:
            return None
        name = PurePosixPath(url.text.replace("\\", "/")).name
        stem = name.rpartition(".")[0] or name
        whole = [] if _has_layers(board) else [name]
        candidates = (f"{stem}-posterframe.jpg", *whole, f"{stem}-thumbnail.png", name)
        there = next((each for each in candidates if (self.images / each).is_file()), None)
        return None if there is None else _plain(url.span, f"{IMAGES}/{there}")


def _has_layers(board: YamlMap) -> bool:
    layers = board.get("layers")
    return isinstance(layers, YamlMap) and bool(layers.entries)


def _plain(span: Span, text: str) -> YamlScalar:
    return YamlScalar(span, text, text, '"')


def _text(node: YamlNode | None) -> YamlScalar | None:
    """A text that is not empty, without blanks around it; also a number that stands for one."""
    if not isinstance(node, YamlScalar) or node.value is None or isinstance(node.value, bool):
        return None
    text = node.text.strip()
    return _plain(node.span, text) if text else None


def _number(node: YamlNode | None) -> float | None:
    """A length in milliseconds, above 0 and of less than a day."""
    value = node.value if isinstance(node, YamlScalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MOST_MS:
        return None
    return float(value)
