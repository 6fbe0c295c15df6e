"""Reads .cube files: tables of colours (LUTs), as DaVinci Resolve and others write them (Adobe, Cube LUT
Specification 1.0)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.grade import Rgb

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_STEPS: Final = 65
MOST_POINTS: Final = 65_536
SIZES: Final = ("LUT_1D_SIZE", "LUT_3D_SIZE")
LEAST: Final = "DOMAIN_MIN"
GREATEST: Final = "DOMAIN_MAX"
RANGES: Final = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")
EXPORT: Final = "export the LUT again, as a .cube of 17, 33 or 65 steps"


@dataclass(frozen=True, slots=True)
class Cube:
    """A table of colours. steps: along each side, of a table in three dimensions with red changing first, or
    of one curve for each of red, green and blue (flat). low, high: the colours at its ends."""

    steps: int
    colors: Sequence[Rgb]
    flat: bool = False
    low: Rgb = (0.0, 0.0, 0.0)
    high: Rgb = (1.0, 1.0, 1.0)

    def at(self, color: Rgb) -> Rgb:
        """The colour that the table has for another one, between its steps in a straight line."""
        places = [self._place(color[i], i) for i in range(3)]
        if self.flat:
            red, green, blue = (
                _mixed(self.colors[first][i], self.colors[min(first + 1, self.steps - 1)][i], share)
                for i, (first, share) in enumerate(places)
            )
            return red, green, blue
        (a, s), (b, t), (c, u) = places
        row, layer = self.steps, self.steps**2
        index = a + b * row + c * layer
        # A step beyond the last is never weighed, so any other will do.
        right, up, far = 1 if s else 0, row if t else 0, layer if u else 0
        whole = [
            _between(self._line(place, right, s), self._line(place + up, right, s), t)
            for place in (index, index + far)
        ]
        return _between(whole[0], whole[1], u)

    def _line(self, index: int, step: int, share: float) -> Rgb:
        """A colour between two neighbours."""
        return _between(self.colors[index], self.colors[index + step], share)

    def _place(self, part: float, i: int) -> tuple[int, float]:
        """The step below a part of a colour, and how far it is from it to the next one."""
        share = (part - self.low[i]) / (self.high[i] - self.low[i])
        place = min(1.0, max(0.0, share)) * (self.steps - 1)
        return int(place), place - int(place)


def read_cube(path: Path) -> Cube:
    """The table in a .cube file. Raises NodeError (*local*) that names the line for what is none."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise _wrong(path, f"is {size / 2**20:,.0f} MiB large; at most {MOST_BYTES // 2**20} MiB are read")
    heads: dict[str, list[float]] = {}
    colors: list[Rgb] = []
    for number, words in _lines(path):
        if words[0][0].isalpha() and not _is_number(words[0]):
            if words[0].upper() in (*SIZES, *RANGES, LEAST, GREATEST):
                heads[words[0].upper()] = _numbers(path, number, words[1:])
            continue
        row = _numbers(path, number, words)
        if len(row) != 3:
            raise _wrong(path, f"has {len(row)} numbers in line {number}; a colour has 3")
        if not any(name in heads for name in SIZES):
            raise _wrong(path, f"is no .cube file: line {number} has a colour before the size of the table")
        colors.append((row[0], row[1], row[2]))
        if len(colors) > max(MOST_POINTS, MOST_STEPS**3):
            raise _wrong(path, "has more colours than a table of 65 steps")
    return _table(path, heads, colors)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that says something, with its number."""
    data = path.read_bytes()
    if b"\0" in data:
        raise _wrong(path, "is no .cube file, which is a text")
    for number, line in enumerate(data.decode("utf-8-sig", errors="replace").splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


def _is_number(word: str) -> bool:
    """Whether a word is read as a number; `nan` and `inf` are, which are no names of settings."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def _numbers(path: Path, number: int, words: Sequence[str]) -> list[float]:
    try:
        found = [float(word) for word in words]
    except ValueError:
        raise _wrong(path, f'is no .cube file: line {number} is "{" ".join(words)[:40]}"') from None
    if not all(map(math.isfinite, found)):
        raise _wrong(path, f"has {' '.join(words)[:40]} in line {number}, which is no colour")
    return found


def _table(path: Path, heads: dict[str, list[float]], colors: Sequence[Rgb]) -> Cube:
    named = [name for name in SIZES if name in heads]
    if not named:
        raise _wrong(path, "is no .cube file: it has no LUT_3D_SIZE")
    if len(named) == 2:
        raise _wrong(path, "has a curve and a table in one, which is not read here")
    flat = named[0] == SIZES[0]
    steps = int(heads[named[0]][0]) if len(heads[named[0]]) == 1 else 0
    most = MOST_POINTS if flat else MOST_STEPS
    if not 2 <= steps <= most:
        raise _wrong(path, f"has {steps} steps in {named[0]}; 2 to {most:,} are read")
    wanted = steps if flat else steps**3
    if len(colors) != wanted:
        raise _wrong(path, f"has {len(colors):,} colours; {named[0]} {steps} needs {wanted:,}")
    low, high = _ends(path, heads)
    return Cube(steps, colors, flat, low, high)


def _ends(path: Path, heads: dict[str, list[float]]) -> tuple[Rgb, Rgb]:
    ends = [heads.get(LEAST, [0.0] * 3), heads.get(GREATEST, [1.0] * 3)]
    for name in RANGES:
        if len(heads.get(name, ())) == 2:
            ends = [[end] * 3 for end in heads[name]]
    low, high = ends
    if len(low) != 3 or len(high) != 3 or any(a >= b for a, b in zip(low, high, strict=True)):
        raise _wrong(path, f"has a {LEAST} that is not below its {GREATEST}")
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def _mixed(one: float, other: float, share: float) -> float:
    return one + (other - one) * share


def _between(one: Rgb, other: Rgb, share: float) -> Rgb:
    a, b, c = one
    x, y, z = other
    return a + (x - a) * share, b + (y - b) * share, c + (z - c) * share


def _wrong(path: Path, what: str) -> NodeError:
    return NodeError(f"{path.name} {what}", "local", EXPORT)
