"""How two values differ, in words: a short reason, and for texts the words that were added and removed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from callsheet.runtime import keys
from callsheet.runtime.diff.request import File, Formula, Output
from callsheet.runtime.plan.reasons import change
from callsheet.spec.types import NOTHING
from callsheet.spec.values import SecretName, map_leaves
from callsheet.spec.wording import shown

Mark = Literal["=", "-", "+"]
WORD: Final = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|[\W_]", re.UNICODE)
MOST_PAIRS: Final = 60_000
"""Pairs of equal words or spaces in what is compared word by word; 250 words of prose have about as many.
Many are looked at again and again: one word that is written a thousand times would take minutes."""
SHOWN: Final = 3
"""Elements of a list that a reason names at most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that differs.

    place: `prompt`, `image_size.width`. old, new: its values, NOTHING where it has none. reason: in words,
    short. words: for two texts their parts, in order: kept, removed, or added.
    """

    place: str
    old: object
    new: object
    reason: str
    words: tuple[tuple[Mark, str], ...] = ()


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    """How two sets of parameters differ, by name; values as `Requests.value` gives them."""
    for name in sorted({*old, *new}):
        yield from _of(name, old.get(name, NOTHING), new.get(name, NOTHING))


def _of(place: str, old: object, new: object) -> Iterator[Difference]:
    if old is not NOTHING and new is not NOTHING and keys.same(old, new):
        return
    match old, new:
        case dict(), dict():
            for difference in differences(old, new):
                yield Difference(
                    f"{place}.{difference.place}",
                    difference.old,
                    difference.new,
                    f"{place}.{difference.reason}",
                    difference.words,
                )
        case list(), list():
            yield Difference(place, old, new, f"{place}: {_of_lists(old, new)}")
        case str(), str():
            yield Difference(place, old, new, f"{place}: {change(old, new)}", tuple(words(old, new)))
        case File(path=before), File(path=after) if before == after:
            yield Difference(place, old, new, f"{place}: {after} has another content")
        case _:
            yield Difference(place, old, new, f"{place}: {_shown(old)} → {_shown(new)}")


def _of_lists(old: list[object], new: list[object]) -> str:
    before, after = ([keys.digest(keys.tagged(v)) for v in side] for side in (old, new))
    gone = _without(old, before, after)
    come = _without(new, after, before)
    parts = [f"+ {_some(come)}"] if come else []
    parts += [f"- {_some(gone)}"] if gone else []
    return ", ".join(parts) or "in another order"


def _without(values: list[object], own: list[str], others: list[str]) -> list[object]:
    """The values that the other list does not have, each as often as it lacks it."""
    left = Counter(others)
    found = []
    for value, key in zip(values, own, strict=True):
        left[key] -= 1
        if left[key] < 0:
            found.append(value)
    return found


def _some(values: list[object]) -> str:
    named = ", ".join(map(_shown, values[:SHOWN]))
    return named if len(values) <= SHOWN else f"{named} and {len(values) - SHOWN} more"


def _shown(value: object) -> str:
    if isinstance(value, Mapping) and (named := [name for v in value.values() if (name := _name(v))]):
        more = ", ".join(f"{key} {shown(v)}" for key, v in value.items() if _name(v) is None)
        return f"{', '.join(named)} ({more})" if more else ", ".join(named)
    return "nothing" if value is NOTHING else _name(value) or shown(value)


def _name(value: object) -> str | None:
    match value:
        case Output() | File() | Formula():
            return str(value)
        case SecretName(variable):
            return f"the secret {variable}"
    return None


def readable(value: object) -> object:
    """The value as JSON, with the names of outputs, files and secrets; null for NOTHING."""
    return map_leaves(value, lambda leaf: None if leaf is NOTHING else _name(leaf) or leaf)


def words(old: str, new: str) -> Iterator[tuple[Mark, str]]:
    """Two texts word by word: what both have, what only the old one has, what only the new one has."""
    before, after = WORD.findall(old), WORD.findall(new)
    first = _alike(before, after)
    last = min(_alike(before[::-1], after[::-1]), len(before) - first, len(after) - first)
    if first:
        yield "=", "".join(before[:first])
    yield from _between(before[first : len(before) - last], after[first : len(after) - last])
    if last:
        yield "=", "".join(before[-last:])


def _between(before: list[str], after: list[str]) -> Iterator[tuple[Mark, str]]:
    """Two lists of words that neither begin nor end alike."""
    if _pairs(before, after) > MOST_PAIRS:
        yield "-", "".join(before)
        yield "+", "".join(after)
        return
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "=", "".join(before[i:j])
        else:
            if i < j:
                yield "-", "".join(before[i:j])
            if k < m:
                yield "+", "".join(after[k:m])


def _alike(one: list[str], other: list[str]) -> int:
    """With how many equal words two lists begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _pairs(before: list[str], after: list[str]) -> int:
    """How many pairs of equal words two texts have."""
    often = Counter(after)
    return sum(count * often[word] for word, count in Counter(before).items())
