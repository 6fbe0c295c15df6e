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
        place, enter, last = Fraction(0), 0, -1
        for item in _children(track):
            schema = _schema(item)
            if schema == "Transition":
                enter = self._dissolve(item, last)
                continue
            length, is_on = self._length(item), item.get("enabled") is not False
            if schema == "Clip" and is_on and track.get("enabled") is not False:
                self.clips.append(self._clip(item, kind, (place, length), enter))
                last = len(self.clips) - 1
            elif schema in ("Clip", "Gap"):
                last = -1
            else:
                raise NotAnEdit(
                    f"{_called(item)} is a timeline in the timeline",
                    "decompose it into its clips in the editing program, and export again",
                )
            enter, place = 0, place + length
        self.tracks[kind] += 1

    def _clip(self, item: Json, kind: Kind, span: tuple[Fraction, Fraction], enter: int) -> Placed:
        at, end = (round(place * self.rate) for place in (span[0], span[0] + span[1]))
        if len(self.clips) >= MOST_CLIPS or span[0] + span[1] > LONGEST:
            raise NotAnEdit(f"it has more than {MOST_CLIPS} clips, or more than {LONGEST // 3600} hours")
        start, speed = self._start(item), self._speed(item)
        number = len(self.clips) + 1
        before = min(enter, int(start * self.rate / speed))
        track = self.tracks[kind]
        return Placed(number, kind, track, at, max(1, end - at), start, speed, item, enter=before)

    def _dissolve(self, item: Json, last: int) -> int:
        """Frames before the cut in which the next clip comes in; the clip before it stays as many as the
        transition says."""
        before, after = (self._seconds(part(item, name)) for name in ("in_offset", "out_offset"))
        if last < 0 or before is None or after is None:
            return 0
        if str(item.get("transition_type")) != "SMPTE_Dissolve":
            self.notes["each transition is shown as a dissolve of its length"] = None
        self.clips[last] = replace(self.clips[last], leave=round(after * self.rate))
        return round(before * self.rate)

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
        effects = item.get("effects")
        for effect in effects if isinstance(effects, list) else []:
            if not isinstance(effect, dict) or effect.get("enabled") is False:
                continue
            if _schema(effect) != "LinearTimeWarp":
                self.notes[f"{_called(item)} has an effect that the film does not show"] = None
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


def _whole(item: Json) -> Json:
    known: Any = part(item, "media_references").get(str(item.get("active_media_reference_key")))
    return part(known or part(item, "media_reference"), "available_range")


def _called(item: Json) -> str:
    name = f"{str(item.get('name') or '')[:80]!r}"
    return f"the clip {name}" if _schema(item) == "Clip" else f"{_schema(item)[:40]} {name}"
