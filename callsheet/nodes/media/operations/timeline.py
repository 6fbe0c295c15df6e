"""media/timeline: a film from tracks of clips and sounds, each at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import Size, rounded_even
from callsheet.nodes.media.codec.place import PLACES, corner_of
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.transition_names import DISSOLVE, NAMES
from callsheet.nodes.media.operation import COMING_IN, REEL, REEL_DOC, asked_size, local
from callsheet.nodes.media.sound.asked import (
    FACTOR,
    GAIN,
    LENGTH,
    SOUND,
    TIME,
    Fields,
    exact,
    objects,
    sound_of,
)
from callsheet.nodes.media.timeline.build import coming_in, source_of
from callsheet.nodes.media.timeline.model import Cell, Cut, Still, Timeline, Track, frame_at, sample_at
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import (
    BOOLEAN,
    FILE,
    IMAGE,
    INTEGER,
    NUMBER,
    VIDEO,
    Choice,
    Field,
    ListOf,
    OneOf,
    Record,
)

STILL_SECONDS: Final = 4.0
SMALL: Final = 30.0
"""Width of a picture in the picture, in percent of the film."""
CLIP: Final = Record(
    {
        "video": Field(OneOf((VIDEO, IMAGE)), required=True),
        "at": TIME,
        "start": TIME,
        "end": TIME,
        "seconds": LENGTH,
        "speed": FACTOR,
        "transition": COMING_IN,
        "fade_in": TIME,
        "fade_out": TIME,
        "gain": GAIN,
        "mute": Field(BOOLEAN),
        "track": Field(INTEGER, minimum=0, maximum=99),
        "place": Field(Choice(PLACES)),
        "size": Field(NUMBER, minimum=1, maximum=100),
    }
)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    clips = objects(params.get("clips"))
    first = next((facts for facts in map(_facts_of, clips) if facts.fps), Facts())
    width, height = asked_size(params, first)
    fps = asked.known(params, "fps") or first.fps
    return {"video": Facts(asked.known(params, "seconds") or _expected(clips), width, height, fps)}


def _facts_of(given: Fields) -> Facts:
    found = given.get("video")
    return found.facts if isinstance(found, Artifact) else Facts()


def _expected(clips: Sequence[Fields]) -> float | None:
    """The length of the film in seconds, where the length of every clip is known."""
    ends: dict[int, Fraction] = {}
    for given in clips:
        facts, number = _facts_of(given), int(exact(given, "track"))
        whole = facts.seconds if facts.seconds is not None else STILL_SECONDS if facts.width else None
        if given.get("seconds") is None and whole is None:
            return None
        part = min(exact(given, "end", whole or 0.0), Fraction(whole or 0.0)) - exact(given, "start")
        length = exact(given, "seconds") or part / exact(given, "speed", 1.0)
        melt = coming_in(given.get("transition"))[1] if number in ends else 0
        begin = ends.get(number, Fraction(0)) - melt
        ends[number] = (exact(given, "at") if given.get("at") is not None else begin) + length
    return round(float(max(ends.values())), 6) if ends else None


SPEC: Final = local(
    "media/timeline",
    "A film of clips and sounds, each at its place: in and out point, speed, transition, fades, gain.",
    {
        "clips": Field(ListOf(CLIP), min_items=1),
        "cut": Field(FILE),
        "sounds": Field(ListOf(SOUND)),
        "seconds": LENGTH,
        **REEL,
    },
    {"video": VIDEO},
    _facts,
    (
        Rule(
            ("clips", "cut"),
            "it has neither `clips` nor a `cut`",
            "list the clips, or name the cut that callsheet conform wrote",
            lambda params: "clips" not in params,
        ),
    ),
)
DOC: Final = {
    "clips": "The pictures, each with `video` (a video or an image) and what is not as usual. `at`: where it"
    " begins, in seconds of the film; after the one before on its track if left out. `start`, `end`: the"
    " part of it, in its own seconds. `seconds`: how long it is shown; one that is too short holds its"
    " last picture. `speed`: times as fast. `transition`: how it comes in over the end of the one before:"
    " seconds of a dissolve, a name such as `wipe_left`, which takes 1 second, or both, as in"
    " `{kind: wipe_left, seconds: 0.5}`. `fade_in`, `fade_out`: seconds from and to black and silence."
    " `gain`: of its sound, in dB. `mute`: leaves its sound out. `track`: 0 if left out; a higher one covers"
    " the lower ones while it lasts. `place`, `size`: a small picture in the picture, such as `bottom_right`,"
    " and its width in percent of the film, 30 if left out.",
    "sounds": "Sounds under them, each with `audio` (a sound, or the sound of a video). `at`: where it"
    " begins, 0 if left out. `start`, `seconds`: the part of it; to its end if left out. `loop`: it"
    " starts again at its end. `speed`, `fade_in`, `fade_out`, `gain`: as above.",
    "cut": "Instead of `clips`: the cut that `callsheet conform` took over from an editing program, such as"
    " `./film.cut.otio`. It says the clips, their sounds, and the `fps`.",
    "seconds": "Length of the film. To the end of its last clip if left out. What no clip fills is black.",
    **REEL_DOC,
    "video": "The film. Places are rounded to its frames one by one, so that nothing adds up. It knows which"
    " clip is where.",
}
EXAMPLE: Final = {
    "clips": """
      - {video: "${{ wide.video }}", seconds: 2, fade_in: 0.5}
      - {video: "${{ close.video }}", start: 1, transition: 0.5}
      - {video: "${{ night.video }}", transition: {kind: dip_to_black, seconds: 1.5}}""",
    "sounds": """
      - {audio: "${{ song.audio }}", gain: -6, fade_out: 1}""",
}


def run(job: Job) -> Outputs:
    return {"video": render(job, planned(job))}


def planned(job: Job) -> Timeline:
    """The film that a job asks for, before it is rendered. Raises NodeError (*local*)."""
    wanted = objects(asked.value(job, "clips"))
    sources = [_source(given) for given in wanted]
    there = [source for source in sources if source is not None]
    if not there:
        raise NodeError(f"{job.address}: none of its clips is made", "local", "it has nothing to show")
    moving = [clip for clip in there if isinstance(clip, Clip)]
    size = film.common_size(job, moving or there)
    rate = film.common_rate(job, moving)
    tracks = _tracks(job, list(zip(wanted, sources, strict=True)), _Form(size, rate))
    seconds = asked.maybe_number(job, "seconds")
    frames = max(cut.end for track in tracks for cut in track.cuts)
    frames = max(1, frame_at(Fraction(seconds), rate)) if seconds else frames
    heard = [given for given in objects(asked.value(job, "sounds")) if given.get("audio") is not None]
    sounds = tuple(sound_of(given, sample_at(frames, rate)) for given in heard)
    return Timeline(size, rate, frames, tracks, sounds, mode=asked.text(job, "mode"))


def _source(given: Fields) -> Clip | Still | None:
    """None for a shot that is skipped."""
    artifact = given.get("video")
    return source_of(artifact) if isinstance(artifact, Artifact) else None


@dataclass(slots=True)
class _Row:
    """A track in the making. cells: where each of its cuts is shown. end: of the last one, in seconds. fixed:
    whether that end was asked for. place: what its clip says about its place in the picture. empty: whether
    the last place is that of a shot that is skipped."""

    cuts: list[Cut] = field(default_factory=list)
    cells: list[Cell | None] = field(default_factory=list)
    end: Fraction = Fraction(0)
    fixed: bool = False
    place: tuple[object, object] = (None, None)
    empty: bool = False

    def leave_out(self, given: Fields) -> None:
        """Keep the place of a shot that is skipped, as far as its length is said."""
        begin = exact(given, "at") if given.get("at") is not None else self.end
        self.end, self.empty = begin + exact(given, "seconds"), True

    def add(self, job: Job, number: int, given: Fields, source: Clip | Still, film: _Form) -> None:
        """Append clip `number`. Raises NodeError (*local*) where it is in the way of the one before."""
        joined = self.cuts and not self.empty
        kind, melt = coming_in(given.get("transition")) if joined else (DISSOLVE, Fraction(0))
        self.empty = False
        asked.one_of(NAMES, kind, "transition")
        begin = exact(given, "at") if given.get("at") is not None else self.end - melt
        self.end = begin + _seconds(job, given, source, number)
        plain = _cut(given, source, (begin, self.end), film.rate)
        cut = replace(plain, enter=frame_at(melt, film.rate), transition=kind)
        cell, place = _cell(given, source, film.size), (given.get("place"), given.get("size"))
        if self.cuts:
            self.cuts[-1] = _until(job, self.cuts[-1], cut, self.fixed, number)
        if cut.enter and place == self.place:
            cell = self.cells[-1]
        elif cut.enter and cell != self.cells[-1]:
            raise _elsewhere(job, number)
        self.fixed = any(given.get(name) is not None for name in ("seconds", "end"))
        self.place = place
        self.cuts.append(cut)
        self.cells.append(cell)


@dataclass(frozen=True, slots=True)
class _Form:
    """Size and rate of the film."""

    size: Size
    rate: Fraction


def _tracks(job: Job, clips: Sequence[tuple[Fields, Clip | Still | None]], film: _Form) -> tuple[Track, ...]:
    """The tracks, the lowest first. Raises NodeError (*local*) for clips that are in each other's way."""
    rows: dict[int, _Row] = {}
    for i, (given, source) in enumerate(clips, 1):
        row = rows.setdefault(int(exact(given, "track")), _Row())
        if source is None:
            row.leave_out(given)
        else:
            row.add(job, i, given, source, film)
    return tuple(track for _, row in sorted(rows.items()) for track in _by_place(row.cuts, row.cells))


def _by_place(cuts: Sequence[Cut], cells: Sequence[Cell | None]) -> list[Track]:
    """One track for each place in the picture."""
    placed = list(zip(cuts, cells, strict=True))
    return [Track(tuple(cut for cut, own in placed if own == cell), cell) for cell in dict.fromkeys(cells)]


def _cell(given: Fields, source: Clip | Still, whole: Size) -> Cell | None:
    """Where a picture in the picture is shown; None for one that fills it."""
    place, share = given.get("place"), given.get("size")
    if place is None and share is None:
        return None
    width = whole[0] * float(exact(given, "size", SMALL)) / 100
    scale = min(width / source.size[0], whole[1] / source.size[1])
    size = (rounded_even(source.size[0] * scale), rounded_even(source.size[1] * scale))
    left, top = corner_of(str(place or "middle"), size, whole)
    return Cell((left // 2 * 2, top // 2 * 2), size)


def _elsewhere(job: Job, number: int) -> NodeError:
    return NodeError(
        f"{job.address}: clip {number} comes in over one that is at another place of the picture",
        "local",
        "give both the same `place` and `size`, or leave out the transition and use `fade_in`",
    )


def _until(job: Job, before: Cut, cut: Cut, fixed: bool, number: int) -> Cut:
    """The cut before another one: it ends when that one is there. fixed: its length was asked for."""
    end = cut.at + cut.enter
    if (
        cut.at < before.at + max(1, before.enter)
        or cut.enter > cut.frames
        or (fixed and before.end > end + 1)
    ):
        raise NodeError(
            f"{job.address}: clip {number} begins at frame {cut.at}, and the one before it on its track "
            f"is there from frame {before.at} to {before.end}",
            "local",
            "begin it later, shorten the other or the transition, or put it on another `track`",
        )
    return replace(before, frames=end - before.at) if cut.enter or before.end > end else before


def _seconds(job: Job, given: Fields, source: Clip | Still, number: int) -> Fraction:
    """How long a clip is shown."""
    speed = exact(given, "speed", 1.0)
    if given.get("seconds") is not None:
        return exact(given, "seconds")
    if isinstance(source, Still):
        return Fraction(STILL_SECONDS)
    end = min(exact(given, "end", float(source.seconds)), source.seconds)
    part = (end - exact(given, "start")) / speed
    if part <= 0:
        raise NodeError(
            f"{job.address}: nothing is left of clip {number}, which is {float(source.seconds):g} s long",
            "local",
            "choose an earlier `start` or a later `end`",
        )
    return part


def _cut(given: Fields, source: Clip | Still, span: tuple[Fraction, Fraction], rate: Fraction) -> Cut:
    first, end = (frame_at(place, rate) for place in span)
    frames = max(1, end - first)

    def length(name: str) -> int:
        return min(frames, frame_at(exact(given, name), rate))

    return Cut(
        source,
        first,
        frames,
        exact(given, "start"),
        exact(given, "speed", 1.0),
        fade_in=length("fade_in"),
        fade_out=length("fade_out"),
        gain=float(exact(given, "gain")),
        heard=given.get("mute") is not True,
    )
