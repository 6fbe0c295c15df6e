"""OpenTimelineIO's own JSON → an edit, read without its library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, Literal, NoReturn

from callsheet.dsl.cuts.edit import Edit, Json, NotAnEdit, Placed, part
from callsheet.spec.frame_rate import exact

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_CLIPS: Final = 20_000
LONGEST: Final = 6 * 3600
"""Seconds of a film."""
SPEEDS: Final = (Fraction(1, 10), Fraction(20))
GAINS: Final = (-60.0, 20.0)
"""The lowest and the highest gain of a film's sounds, in dB."""
TRANSITIONS: Final = {
    "dip to black": "dip_to_black",
    "fade through black": "dip_to_black",
    "dip to color": "dip_to_black",
    "dip to white": "dip_to_white",
    "barn door": "barn_door",
    "iris": "iris",
    "clock wipe": "clock",
    "push": "push_left",
    "slide": "slide_left",
    "wipe": "wipe_left",
}
"""Words in the names of transitions of editing programs → a transition of `media/timeline`."""
AGAIN: Final = "export the timeline as OpenTimelineIO again"
Kind = Literal["video", "audio"]
KINDS: Final[dict[object, Kind]] = {"Video": "video", "Audio": "audio"}


def parsed(text: str) -> Json:
    """The objects of a timeline. Raises NotAnEdit."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NotAnEdit(f"it is no JSON: {error.msg}", AGAIN, error.pos) from None
    except RecursionError:
        raise NotAnEdit("it is nested too deeply", AGAIN) from None
    except ValueError as error:
        raise NotAnEdit(f"it is no JSON: {error}", AGAIN) from None
    if not isinstance(found, dict) or _schema(found) != "Timeline":
        raise NotAnEdit("it is no timeline of OpenTimelineIO", AGAIN)
    return found


def edit_of(timeline: Json) -> Edit:
    """The edit of a timeline. Raises NotAnEdit, which names the clip, for what no film can show."""
    tracks = [t for t in _children(part(timeline, "tracks")) if t.get("kind") in KINDS]
    if not any(t["kind"] == "Video" for t in tracks):
        raise NotAnEdit("it has no track of pictures", AGAIN)
    reader = _Reader(_rate(timeline, tracks))
    for track in tracks:
        reader.track(track)
    return Edit(reader.rate, tuple(reader.clips), tuple(reader.notes))


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _schema(item: Json) -> str:
    return str(item.get("OTIO_SCHEMA")).partition(".")[0]


def _children(item: Json) -> list[Json]:
    found = item.get("children")
    return [child for child in found if isinstance(child, dict)] if isinstance(found, list) else []


def _number(of: Json, name: str) -> float | None:
    found = of.get(name)
    if not isinstance(found, int | float) or isinstance(found, bool) or not abs(found) < 1e9:
        return None
    return float(found)


def _rate(timeline: Json, tracks: list[Json]) -> Fraction:
    """That of the time code of the film, else of the first length on a track of pictures."""
    pictures = (item for track in tracks if track["kind"] == "Video" for item in _children(track))
    lengths = (part(part(item, "source_range"), "duration") for item in pictures)
    for time in (part(timeline, "global_start_time"), *lengths):
        rate = _number(time, "rate")
        if rate is not None and 1 <= rate <= 120:
            return exact(rate)
    raise NotAnEdit("it does not say how many frames a second it has", AGAIN)


@dataclass(frozen=True, slots=True)
class _Change:
    """A transition: frames before and after the cut. name: as `media/timeline` has it, "" for a dissolve."""

    before: int = 0
    after: int = 0
    name: str = ""

    @property
    def frames(self) -> int:
        return self.before + self.after


NO_CHANGE: Final = _Change()


@dataclass
class _Reader:
    """rate: of the film. tracks: how many of each kind were read."""

    rate: Fraction
    clips: list[Placed] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    tracks: dict[Kind, int] = field(default_factory=lambda: {"video": 0, "audio": 0})

    def track(self, track: Json) -> None:
        """Read one track. What is switched off is left out, and keeps its place."""
        kind = KINDS[track["kind"]]
        place, last, change = Fraction(0), -1, NO_CHANGE
        for item in _children(track):
            schema = _schema(item)
            if schema == "Transition":
                change = self._change(item)
                continue
            if schema not in ("Clip", "Gap"):
                raise NotAnEdit(
                    f"{_called(item)} is a timeline in the timeline",
                    "decompose it into its clips in the editing program, and export again",
                )
            length, is_on = self._length(item), item.get("enabled") is not False
            if schema == "Clip" and round((place + length) * self.rate) <= round(place * self.rate):
                self.notes[f"{_called(item)} is shown for less than a frame, so it is left out"] = None
                is_on = False
            if schema == "Clip" and is_on and track.get("enabled") is not False:
                self._end(last, change, kind, joined=last >= 0)
                self.clips.append(self._clip(item, kind, (place, length), change, joined=last >= 0))
                last = len(self.clips) - 1
            else:
                self._end(last, change, kind, joined=False)
                last = -1
            change, place = NO_CHANGE, place + length
        self._end(last, change, kind, joined=False)
        self.tracks[kind] += 1

    def _end(self, last: int, change: _Change, kind: Kind, joined: bool) -> None:
        """What a transition does to the clip before it: it stays for a while. A sound fades, and so does
        what nothing follows."""
        if last >= 0 and change.frames:
            fades = change.frames if not joined or kind == "audio" else 0
            self.clips[last] = replace(self.clips[last], leave=change.after, fade_out=fades)

    def _clip(
        self, item: Json, kind: Kind, span: tuple[Fraction, Fraction], change: _Change, joined: bool
    ) -> Placed:
        at, end = (round(place * self.rate) for place in (span[0], span[0] + span[1]))
        if len(self.clips) >= MOST_CLIPS or span[0] + span[1] > LONGEST:
            said = f"it has more than {MOST_CLIPS:,} clips, or more than {LONGEST // 3600} hours"
            raise NotAnEdit(said, "export it in parts")
        start, speed = self._start(item), self._speed(item)
        found = Placed(len(self.clips) + 1, kind, self.tracks[kind], at, end - at, start, speed, item)
        before = min(change.before, int(start * self.rate / speed))
        fades = change.frames if not joined or kind == "audio" else 0
        name, gain = change.name if joined else "", self._gain(item)
        return replace(found, enter=before, transition=name, fade_in=fades, gain=gain)

    def _change(self, item: Json) -> _Change:
        """Frames before the cut in which the next clip comes in, and after it, in which the one before
        stays."""
        before, after = (self._seconds(part(item, name)) for name in ("in_offset", "out_offset"))
        if before is None or after is None or before < 0 or after < 0:
            return NO_CHANGE
        name = ""
        if str(item.get("transition_type")) != "SMPTE_Dissolve":
            told = str(item.get("name") or item.get("transition_type"))[:80]
            name = next((ours for words, ours in TRANSITIONS.items() if words in told.casefold()), "")
            if not name:
                self.notes[f"the transition {told!r} is shown as a dissolve of its length"] = None
        return _Change(round(before * self.rate), round(after * self.rate), name)

    def _gain(self, item: Json) -> float:
        """In dB, as `media/timeline` takes it."""
        found = 0.0
        for effect in _effects(item):
            told = _number(part(part(effect, "metadata"), "callsheet"), "gain")
            found += told or 0.0
        return round(min(max(found, GAINS[0]), GAINS[1]), 3)

    def _length(self, item: Json) -> Fraction:
        for span in self._ranges(item):
            found = self._seconds(part(span, "duration"))
            if found is not None and 0 <= found <= LONGEST:
                return found
        raise NotAnEdit(f"{_called(item)} does not say how long it is shown", AGAIN)

    def _start(self, item: Json) -> Fraction:
        """Seconds of the medium before what is shown. The clock of a medium may begin at any time code."""
        own, whole = (
            self._seconds(part(span, "start_time")) for span in (part(item, "source_range"), _whole(item))
        )
        return max(Fraction(0), own - (whole or 0)) if own is not None else Fraction(0)

    def _ranges(self, item: Json) -> Iterator[Json]:
        yield part(item, "source_range")
        yield _whole(item)

    def _speed(self, item: Json) -> Fraction:
        speed = Fraction(1)
        for effect in _effects(item):
            if _schema(effect) != "LinearTimeWarp":
                if _number(part(part(effect, "metadata"), "callsheet"), "gain") is None:
                    named = str(effect.get("effect_name") or effect.get("name") or _schema(effect))[:80]
                    self.notes[f"{_called(item)} has {named!r}, which the film does not show"] = None
                continue
            speed *= Fraction(_number(effect, "time_scalar") or 0).limit_denominator(10_000)
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise NotAnEdit(
                f"{_called(item)} runs at {float(speed):g} times its speed",
                "a film shows clips from 0.1 to 20 times as fast, and forwards",
            )
        return speed

    def _seconds(self, time: Json) -> Fraction | None:
        value, rate = _number(time, "value"), _number(time, "rate")
        if value is None or rate is None or rate <= 0:
            return None
        return Fraction(value).limit_denominator(10_000) / exact(rate)


def _effects(item: Json) -> list[Json]:
    """Those that are on."""
    found = item.get("effects")
    every = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [one for one in every if one.get("enabled") is not False]


def _whole(item: Json) -> Json:
    known: Any = part(item, "media_references").get(str(item.get("active_media_reference_key")))
    return part(known or part(item, "media_reference"), "available_range")


def _called(item: Json) -> str:
    name = f"{str(item.get('name') or '')[:80]!r}"
    return f"the clip {name}" if _schema(item) == "Clip" else f"{_schema(item)[:40]} {name}"
