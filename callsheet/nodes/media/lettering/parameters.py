"""Parameters that operations with text share: fonts, colours, places; and the rules about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec.place import PLACES
from callsheet.nodes.media.lettering.label import COLOR_HELP, STYLES, Label, Look, color_of
from callsheet.nodes.media.operation import facts_of
from callsheet.nodes.media.text.breaks import prepared
from callsheet.nodes.media.text.characters import is_rtl
from callsheet.nodes.media.text.family import COLLECTED, family, missing
from callsheet.spec.node import Job, Parameters, Rule
from callsheet.spec.types import BOOLEAN, FILE, NUMBER, STRING, Choice, Field

Fields = Mapping[str, object]
FONT: Final[Mapping[str, Field]] = {
    "font": Field(FILE),
    "language": Field(Choice(tuple(COLLECTED))),
}
FONT_DOC: Final[Mapping[str, str]] = {
    "font": "A font file of yours (.ttf, .otf), which comes first. Noto Sans comes with callsheet: Latin,"
    ' Greek and Cyrillic. `pip install "callsheet[fonts]"` adds Chinese, Japanese, Korean, Arabic,'
    " Hebrew, the scripts of India and others, and emoji in one colour.",
    "language": "In which the Han characters are written, since they look different in each:"
    " `ja`, `ko`, `zh-Hans` or `zh-Hant`.",
}
TIME: Final = Field(NUMBER, minimum=0)
LOOK: Final[Mapping[str, Field]] = {
    "place": Field(Choice(PLACES)),
    "size": Field(NUMBER, minimum=1, maximum=50),
    "color": Field(STRING),
    "outline": Field(NUMBER, minimum=0, maximum=30),
    "box": Field(STRING),
    "bold": Field(BOOLEAN),
    "italic": Field(BOOLEAN),
    "fade": TIME,
}
LOOK_DOC: Final = (
    "`place`: a corner or side of the safe area, such as `top_right` or `bottom`. `size`: of the text, in"
    " percent of the shorter side of the picture. `color`, `box`: of the text and of a box behind it,"
    ' as CSS writes colours; `""` for no box. `outline`: around each letter, in percent of the size.'
    " `bold`: thicker letters. `italic`: slanted ones. `fade`: seconds in which it comes and goes."
)


def looked(given: Fields, base: Look, text: str) -> Look:
    """The look that a text asks for. A lower third from right to left stands at the right. Raises NodeError
    (*local*) for a place that is none."""
    found = base
    if is_rtl(text) and base == STYLES["lower_third"]:
        found = replace(found, place="bottom_right")
    changes: dict[str, Any] = {}
    for name, share in (("size", 100), ("outline", 100), ("fade", 1)):
        if (number := asked.known(given, name)) is not None:
            changes[name] = number / share
    for name in ("place", "color", "box"):
        if isinstance(value := given.get(name), str):
            changes[name] = asked.one_of(PLACES, value, name) if name == "place" else value
    if changes.get("box"):
        changes = {"outline": 0.0, "shadow": 0.0, **changes}
    found = replace(found, **changes)
    if isinstance(bold := given.get("bold"), bool):
        found = replace(found, weight=700 if bold else 400)
    return replace(found, italic=given.get("italic") is True, bar=found.bar and bool(found.box))


def label_of(job: Job, look: Look, text: str, detail: str = "") -> Label:
    """A label in the fonts that a job asks for. Raises NodeError (*local*) for characters that none has."""
    font = next(iter(asked.files(job, "font")), None)
    fonts = family(font, look.italic, asked.text(job, "language"))
    lost = missing(prepared(text + detail), fonts)
    if lost:
        raise NodeError(f"{job.address}: {_not_drawn(lost)}", "local", HELP)
    return Label(text, look, detail, fonts)


HELP: Final = 'run `pip install "callsheet[fonts]"`, or pass a `font` that has them'


def rules_of(
    names: tuple[str, ...], colors: tuple[str, ...], texts: Callable[[Parameters], Iterator[str]]
) -> tuple[Rule, ...]:
    """The rules that what is written can be drawn, and colours are colours. names, colors: the parameters in
    which texts and colours are. texts: those of given parameters, as far as they are known."""

    def lost(params: Parameters) -> list[str]:
        if _wrong_font(params):
            return []
        return missing(prepared("".join(texts(params))), family(_path(params.get("font"))))

    return (
        FONT_RULE,
        Rule(
            names,
            "no font has these characters",
            HELP,
            lambda params: bool(lost(params)),
            lambda params: _not_drawn(lost(params)),
        ),
        Rule(
            colors,
            "this is no colour",
            COLOR_HELP,
            lambda params: bool(_wrong_color(params)),
            _wrong_color,
        ),
    )


def seen_rule(
    name: tuple[str, ...], spans: Callable[[Parameters], Iterator[tuple[str, float | None, float | None]]]
) -> Rule:
    """The rule that what is laid over a `video` is seen. name: the parameters with the times. spans: what is
    laid, and from when to when in seconds, None where that is left out."""

    def unseen(params: Parameters) -> str:
        seconds = facts_of(params, "video").seconds
        for what, at, end in spans(params):
            begin = at or 0
            if end is not None and end <= begin:
                return f"{what} would begin at {begin:g} s and end at {end:g} s"
            if seconds is not None and begin >= seconds:
                return f"{what} would begin at {begin:g} s, and the film is {seconds:g} s long"
        return ""

    return Rule(
        name,
        "nothing would be seen",
        "let it begin before its `end` and before the end of the film",
        lambda params: bool(unseen(params)),
        unseen,
        facts=True,
    )


def _not_drawn(lost: list[str]) -> str:
    shown = " ".join(lost[:8]) + (" …" if len(lost) > 8 else "")
    codes = ", ".join(f"U+{ord(cluster[0]):04X}" for cluster in lost[:3])
    return f"no font has {shown} ({codes})"


def _wrong_font(params: Parameters) -> str:
    """What is wrong with the font that is given; "" for nothing."""
    path = _path(params.get("font"))
    if path is None:
        return ""
    try:
        family(path)
    except (NodeError, OSError) as error:
        return str(error)
    return ""


FONT_RULE: Final = Rule(
    ("font",),
    "this file is no font",
    "pass a TrueType or OpenType file (.ttf, .otf) with outlines",
    lambda params: bool(_wrong_font(params)),
    _wrong_font,
)


def _path(given: object) -> Path | None:
    """The file of a medium, before the run or in it."""
    found = getattr(given, "path", None)
    return found if isinstance(found, Path) and found.is_file() else None


def _wrong_color(params: Parameters) -> str:
    """What is wrong with the first colour that is none; "" for nothing."""
    for text in _colors(params):
        try:
            color_of(text)
        except NodeError as error:
            return error.message
    return ""


def _colors(given: object) -> Iterator[str]:
    """The colours in parameters, also inside of lists and records; an empty `box` is none."""
    if isinstance(given, Mapping):
        for name, value in given.items():
            if name in ("color", "box", "background") and isinstance(value, str):
                if value or name != "box":
                    yield value
            else:
                yield from _colors(value)
    elif isinstance(given, list | tuple):
        for value in given:
            yield from _colors(value)
