"""media/subtitles: subtitles burnt into a film, or beside it as tracks that a player shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.ffmpeg import container_of
from callsheet.nodes.media.codec.plate import Plate
from callsheet.nodes.media.codec.soft import (
    LANGUAGE_HELP,
    UNKNOWN_LANGUAGE,
    SoftTrack,
    code_of,
    with_tracks,
)
from callsheet.nodes.media.lettering.label import SHADE, STYLES, Label, Look, label_plate
from callsheet.nodes.media.lettering.parameters import FONT, FONT_DOC, LOOK, label_of, looked, rules_of
from callsheet.nodes.media.operation import local, same_film
from callsheet.nodes.media.text.breaks import prepared
from callsheet.nodes.media.text.cue import CUE, MOST, Cue, apart, cues_of
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.model import Overlay, Timeline, frame_at
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.node import Job, Made, Outputs, Parameters, Rule
from callsheet.spec.types import STRING, VIDEO, Choice, Field, ListOf, Record

LINES: Final = Field(ListOf(CUE), max_items=MOST)
TRACK: Final = Record(
    {"lines": replace(LINES, required=True), "language": Field(STRING, required=True), "name": Field(STRING)}
)
OUTLINED: Final = replace(STYLES["caption"], flows=True)
LOOKS: Final[Mapping[str, Look]] = {
    "outlined": OUTLINED,
    "boxed": replace(OUTLINED, outline=0.0, shadow=0.0, box=SHADE),
    "karaoke": replace(OUTLINED, weight=700, size=0.07, outline=0.09),
}


def _texts(params: Parameters) -> Iterator[str]:
    for one in asked.records(params.get("lines")):
        if isinstance(found := one.get("text"), str):
            yield found


def _unknown_language(params: Parameters) -> str:
    """The first language of a track that is not known, "" for none."""
    for one in asked.records(params.get("tracks")):
        name = one.get("language")
        if isinstance(name, str) and not code_of(name):
            return name
    return ""


SPEC: Final = local(
    "media/subtitles",
    "A film with subtitles: burnt into its pictures, or as tracks in several languages that a player shows.",
    {
        "video": Field(VIDEO, required=True),
        "lines": LINES,
        "style": Field(Choice(tuple(LOOKS)), default="outlined"),
        **{name: field for name, field in LOOK.items() if name != "fade"},
        **FONT,
        "tracks": Field(ListOf(TRACK), min_items=1, max_items=20),
    },
    {"video": VIDEO},
    same_film,
    (
        Rule(
            ("video",),
            "there is nothing to show",
            "give `lines` to burn in, or `tracks` for a player",
            lambda params: "lines" not in params and "tracks" not in params,
        ),
        Rule(
            ("tracks",),
            f"a language of `tracks` {UNKNOWN_LANGUAGE}",
            LANGUAGE_HELP,
            lambda params: bool(_unknown_language(params)),
            lambda params: f'"{_unknown_language(params)}" {UNKNOWN_LANGUAGE}',
        ),
        *rules_of(("lines",), ("color", "box"), _texts),
    ),
)
DOC: Final = {
    "video": "The film; as an output, an MP4 with the subtitles. Other tracks than one of pictures and one"
    " of sound are left out.",
    "lines": "What is burnt in: each with `start`, `end` and `text`, such as the `lines` of a"
    " `text/subtitles`. Texts that are there at once stand one below the other. What is after the end"
    " of the film is left out.",
    "style": "`outlined`, `boxed`, or `karaoke`: the word that is spoken is lit, where a line has `words`.",
    "place": "Side or corner of the safe area; `bottom` if left out.",
    "size": "In percent of the shorter side of the picture: 5 if left out, 7 for karaoke.",
    "color": "Of the text, as CSS writes it.",
    "outline": "Around each letter, in percent of the size.",
    "box": "Colour of a box behind the text, as CSS writes it.",
    "bold": "Thicker letters.",
    "italic": "Slanted letters.",
    **FONT_DOC,
    "tracks": "Subtitles that a player can show: each with `lines`, `language` (ISO 639: `en`, `deu`) and"
    " `name`. They need no font.",
}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "lines": "${{ english.lines }}",
    "style": "boxed",
    "tracks": """
      - {lines: "${{ german.lines }}", language: de}""",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    whole = alone(clip, clip.frames())
    seconds = float(whole.frames / whole.rate)
    cues = apart(_told(job, cues_of(asked.value(job, "lines")), seconds), seconds)
    overlays = tuple(_overlays(job, whole, cues))
    tracks = list(_tracks(job, seconds))
    if tracks and not overlays and container_of(clip.path).demuxer == "mov":
        return {"video": Made("video", with_tracks(job, clip.path, tracks), whole.shots())}
    made = render(job, replace(whole, overlays=overlays))
    return {"video": replace(made, path=with_tracks(job, made.path, tracks)) if tracks else made}


def _told(job: Job, cues: list[Cue], seconds: float) -> list[Cue]:
    """The cues; those after the end of the film are told."""
    late = sum(1 for cue in cues if cue.start >= seconds)
    if late:
        job.tell(
            f"{late} of {len(cues)} texts begin after the end of the film ({seconds:g} s) and are left out"
        )
    if turned := sum(1 for cue in cues if cue.end <= cue.start < seconds):
        job.tell(f"{turned} of {len(cues)} texts end before they begin and are left out")
    return cues


def _tracks(job: Job, seconds: float) -> Iterator[SoftTrack]:
    for one in asked.records(asked.value(job, "tracks")):
        cues = apart(_told(job, cues_of(one.get("lines")), seconds), seconds)
        yield SoftTrack(tuple(cues), str(one.get("language") or ""), str(one.get("name") or ""))


def _overlays(job: Job, whole: Timeline, cues: list[Cue]) -> Iterator[Overlay]:
    given = {name: asked.value(job, name) for name in LOOK if name != "fade"}
    look = looked(given, LOOKS[asked.one_of(LOOKS, asked.text(job, "style"), "style")], "")
    if cues:
        label_of(job, look, "".join(cue.text for cue in cues))
    for cue in cues:
        first, end = (_frame(time, whole) for time in (cue.start, cue.end))
        if first < min(end, whole.frames) and prepared(cue.text):
            label = label_of(job, look, cue.text)
            yield Overlay(first, end - first, _reel(job, whole, label, cue, first))


def _frame(seconds: float, whole: Timeline) -> int:
    """The frame of the film nearest to a time."""
    return frame_at(Fraction(seconds).limit_denominator(10**6), whole.rate)


def _reel(job: Job, whole: Timeline, label: Label, cue: Cue, first: int) -> Callable[[], Iterator[Plate]]:
    if cue.words and asked.text(job, "style") == "karaoke":
        return lambda: _lit(label, cue, whole, first)
    return lambda: repeat(label_plate(label, whole.size))


def _lit(label: Label, cue: Cue, whole: Timeline, first: int) -> Iterator[Plate]:
    """The text for each frame, with the word lit that is spoken."""
    spans = _places(cue)
    last, plate = -1, label_plate(label, whole.size)
    for frame in range(first, _frame(cue.end, whole)):
        time = float(Fraction(frame) / whole.rate)
        spoken = sum(1 for word in cue.words if word.start <= time + 0.5 / float(whole.rate)) - 1
        if spoken != last:
            last = spoken
            plate = label_plate(replace(label, spoken=spans[spoken] if spoken >= 0 else (0, 0)), whole.size)
        yield plate


def _places(cue: Cue) -> list[tuple[int, int]]:
    """Where each word is in the text of its cue, spaces not counted; nowhere where it is not found."""
    whole, at, found = _packed(cue.text), 0, []
    for word in cue.words:
        part = _packed(word.text)
        place = whole.find(part, at)
        found.append((place, place + len(part)) if place >= 0 else (0, 0))
        at = found[-1][1] or at
    return found


def _packed(text: str) -> str:
    return "".join(prepared(text).split())
