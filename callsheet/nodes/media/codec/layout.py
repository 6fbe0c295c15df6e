"""Computes where the cells of a contact sheet or a grid are, in even pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

Size = tuple[int, int]
GUTTER_SHARE: Final = 1 / 80
MIN_GUTTER: Final = 4
LABEL_SHARE: Final = 1 / 20
MIN_TYPE, MAX_TYPE = 10, 30
LABEL_HEIGHT: Final = 1.8
STEEPEST: Final = 4
TITLE_SHARE: Final = 1 / 44
TITLE_HEIGHT: Final = 2.4


@dataclass(frozen=True, slots=True)
class Layout:
    """size: of the board. cell: of one picture. corners: left top of each picture. All in pixels.

    label_size, title_size: type sizes; 0 when there is no such text. gutter: between pictures.
    """

    size: Size
    cell: Size
    corners: tuple[tuple[int, int], ...]
    gutter: int
    label_size: int
    title_size: int


def layout(count: int, width: int, shape: Size, columns: int | None, labels: bool, title: bool) -> Layout:
    """A board of `count` cells of the proportions `shape`, `width` pixels wide.

    Without `columns` there are as many as make it roughly as many rows as columns.
    """
    width = _even(width)
    columns = min(count, columns or ceil(sqrt(count)))
    gutter = max(MIN_GUTTER, _even(width * GUTTER_SHARE))
    cell_width = _even((width - gutter * (columns + 1)) / columns)
    slope = min(STEEPEST, max(1 / STEEPEST, shape[1] / shape[0]))
    cell = (cell_width, max(2, round(cell_width * slope / 2) * 2))
    label_size = round(min(MAX_TYPE, max(MIN_TYPE, cell_width * LABEL_SHARE))) if labels else 0
    title_size = max(MIN_TYPE, round(width * TITLE_SHARE)) if title else 0
    below = _even(label_size * LABEL_HEIGHT) if labels else 0
    top = _even(title_size * TITLE_HEIGHT) + gutter if title else gutter
    left = _even((width - columns * cell_width - (columns - 1) * gutter) / 2)
    corners = tuple(
        (left + i % columns * (cell_width + gutter), top + i // columns * (cell[1] + below + gutter))
        for i in range(count)
    )
    height = top + ceil(count / columns) * (cell[1] + below + gutter)
    return Layout((width, height), cell, corners, gutter, label_size, title_size)


def _even(length: float) -> int:
    return max(2, int(length) // 2 * 2)
