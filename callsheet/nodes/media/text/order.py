"""The order in which text is shown: a reduced Unicode bidirectional algorithm (UAX #9).

Left out are explicit embeddings, overrides and isolates, which `prepared` takes out of a text.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import Final

STRONG: Final = ("L", "R")
NUMBERS: Final = ("EN", "AN")
BRACKETS: Final = dict(zip("([{（［｛「『【〈《", ")]}）］｝」』】〉》", strict=True))
JOINED: Final = ("NSM", "BN")
"""Marks and joiners: they go with the character before."""


def directed(text: str, rtl: bool) -> list[tuple[str, bool]]:
    """Stretches of one direction, from left to right as they are shown, and whether each runs from right to
    left. rtl: whether the whole runs so."""
    classes = _resolved(text, rtl)
    _turn_brackets(text, classes, "R" if rtl else "L")
    pairs = zip(text, _levels(classes, rtl), strict=True)
    runs = []
    for level, run in groupby(pairs, key=lambda pair: pair[1]):
        runs.append((level, "".join(char for char, _ in run)))
    for least in range(max((level for level, _ in runs), default=0), 0, -1):
        runs = _reversed(runs, least)
    return [(run, level % 2 == 1) for level, run in runs]


def _reversed(runs: list[tuple[int, str]], least: int) -> list[tuple[int, str]]:
    """Each series of stretches of at least this level the other way round (rule L2)."""
    found: list[tuple[int, str]] = []
    for high, series in groupby(runs, key=lambda run: run[0] >= least):
        stretch = list(series)
        found += stretch[::-1] if high else stretch
    return found


def _resolved(text: str, rtl: bool) -> list[str]:
    """The class of each character after the rules W1 to W7: L, R, EN, AN or neutral (ON)."""
    base = "R" if rtl else "L"
    classes: list[str] = []
    strong = base
    for char in text:
        found = unicodedata.bidirectional(char) or "L"
        if found in JOINED:
            found = classes[-1] if classes else base
        elif found == "EN" and strong == "AL":
            found = "AN"
        if found in ("L", "R", "AL"):
            strong = found
        classes.append(found)
    _join_numbers(classes)
    strong = base
    for i, found in enumerate(classes):
        found = {"AL": "R"}.get(found, found)
        if found in STRONG:
            strong = found
        elif found == "EN" and strong == "L":
            found = "L"
        elif found not in NUMBERS:
            found = "ON"
        classes[i] = found
    return classes


def _join_numbers(classes: list[str]) -> None:
    """Separators inside of numbers, and signs beside them, belong to the number (rules W4 and W5)."""
    for i in range(1, len(classes) - 1):
        before, after = classes[i - 1], classes[i + 1]
        if (classes[i] == "ES" and before == after == "EN") or (
            classes[i] == "CS" and before == after and before in NUMBERS
        ):
            classes[i] = before
    for places in (range(1, len(classes)), range(len(classes) - 2, -1, -1)):
        step = -places.step
        for i in places:
            if classes[i] == "ET" and classes[i + step] == "EN":
                classes[i] = "EN"


def _turn_brackets(text: str, classes: list[str], base: str) -> None:
    """A pair of brackets has one direction: that of what is in it (rule N0)."""
    for first, last in _pairs(text):
        inside = {_side(found) for found in classes[first + 1 : last] if found != "ON"}
        before = (_side(found) for found in reversed(classes[:first]) if found != "ON")
        if base in inside:
            classes[first] = classes[last] = base
        elif inside:
            classes[first] = classes[last] = next(before, base)


def _pairs(text: str) -> list[tuple[int, int]]:
    """The places of brackets that belong together, by the first of each pair."""
    found, waiting = [], list[tuple[str, int]]()
    for i, char in enumerate(text):
        if char in BRACKETS:
            waiting.append((BRACKETS[char], i))
        while any(closing == char for closing, _ in waiting):
            closing, first = waiting.pop()
            if closing == char:
                found.append((first, i))
                break
    return sorted(found)


def _levels(classes: list[str], rtl: bool) -> list[int]:
    base = "R" if rtl else "L"
    places, at = list(classes), 0
    for neutral, run in groupby(classes, key=lambda found: found == "ON"):
        count = len(list(run))
        if neutral:
            before, after = (
                _side(classes[i]) if 0 <= i < len(classes) else base for i in (at - 1, at + count)
            )
            places[at : at + count] = [before if before == after else base] * count
        at += count
    if rtl:
        return [1 if found == "R" else 2 for found in places]
    return [{"L": 0, "R": 1}.get(found, 2) for found in places]


def _side(found: str) -> str:
    """Numbers count as right to left for what is between (rule N1)."""
    return "L" if found == "L" else "R"
