"""The size of a picture that no parameter states: what it is likely to be, and what it may be.

It may follow a file whose size is not known, or a factor that nobody gave. Where a size could have been given
and was not, the model may keep that of the file that goes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.spec.media import Artifact
from callsheet.spec.price.span import Span, known
from callsheet.spec.roles import SCALES, SIZES, kind_in

if TYPE_CHECKING:
    from callsheet.spec.price.call import Call

SIDE: Final = (256, 2048)
"""Pixels of the sides of a picture of which nothing is known, as a square."""
FACTORS: Final = (1.0, 4.0)
"""By how much an upscaler enlarges the sides, where nobody says it."""
ENDS: Final = tuple(zip(SIDE, FACTORS, strict=True))


def unmeasured(name: str) -> str:
    """Why the size of a parameter's picture is open."""
    return f"the size of {name} is not known, at most {SIDE[1]} × {SIDE[1]} assumed"


def guessed_pixels(call: Call, likely: float) -> Span:
    """Pixels of one picture or frame of the result. likely: as the model is expected to make it."""
    files, factors, open_size = list(_unmeasured(call)), list(_unstated_factors(call)), _is_left_open(call)
    found = [likely]
    if files or factors:
        found += (_with(call, files, side, dict.fromkeys(factors, n)) for side, n in ENDS)
    if open_size:
        spans = [span for name in _pictures(call) for span in call.pixels_of(name)]
        found += [end for span in spans for end in (span.low, span.high)]
    found = [pixels for pixels in found if pixels]
    if min(found) == max(found):
        return known(likely)
    why = [*map(unmeasured, files), *(f"{name} is not given" for name in factors)]
    return Span(
        min(found), max(found), (*why, *(["the size of the result is not stated"] if open_size else []))
    )


def _with(call: Call, files: Iterable[str], side: int, factors: Mapping[str, float]) -> float:
    """Pixels of the result if the files were so large, and enlarged so much."""
    sizes: dict[str, object] = {name: _sized(call, name, side) for name in files}
    made = call.foresee({**call.values, **sizes, **factors})
    return float((made.width or 0) * (made.height or 0))


def _pictures(call: Call) -> Iterator[str]:
    """The parameters whose picture or video goes in; of those that may be left out, the given ones."""
    for name, field in call.inputs.items():
        comes = field.required or call.values.get(name) is not None
        if comes and kind_in(field.type) in ("image", "video") and "mask" not in name:
            yield name


def _unmeasured(call: Call) -> Iterator[str]:
    """Those of which no size is known."""
    for name in _pictures(call):
        items = call.items(name)
        if not items or not all(isinstance(item, Artifact) and item.facts.width for item in items):
            yield name


def _sized(call: Call, name: str, side: int) -> object:
    """The files of a parameter with a size; one where none is known yet."""
    kind = kind_in(call.inputs[name].type) or "image"
    unseen = Artifact(kind, Path())
    files = [item if isinstance(item, Artifact) else unseen for item in call.items(name)] or [unseen]
    measured = [
        file if file.facts.width else replace(file, facts=replace(file.facts, width=side, height=side))
        for file in files
    ]
    return measured if isinstance(call.values.get(name), list) else measured[0]


def _unstated_factors(call: Call) -> Iterator[str]:
    """The factors of the size that nobody gives, and that have no default."""
    for name in SCALES:
        if name in call.inputs and not isinstance(call.values.get(name), int | float):
            yield name


def _is_left_open(call: Call) -> bool:
    """Whether a size could be given and is not, and the model has no default for it."""
    return any(name in call.inputs and call.values.get(name) is None for name in SIZES)
