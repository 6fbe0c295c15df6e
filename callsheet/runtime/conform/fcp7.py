"""Final Cut Pro 7's XML (xmeml), as Premiere and Resolve write it → a timeline of OpenTimelineIO."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final
from xml.etree.ElementTree import Element, tostring

from callsheet.dsl.cuts.edit import Json, NotAnEdit
from callsheet.dsl.cuts.otio import MOST_CLIPS
from callsheet.errors import InputError
from callsheet.runtime.conform import objects
from callsheet.runtime.conform.objects import Laid, LaidTrack
from callsheet.spec.timecode import frame_of

UNKNOWN: Final = -1
"""Where a clip begins or ends that a transition cuts."""
SLOWED: Final = (24, 30, 48, 60, 120)
TAKE: Final = re.compile(r"take (\d{1,6})(?: of (.+))?")
FOLDERS: Final = ("xmeml", "project", "children", "bin")
WARP: Final = "timeremap"
LEVELS: Final = "audiolevels"
LONGEST_EFFECT: Final = 20_000
"""Characters of an effect that are kept."""
AGAIN: Final = "export the timeline as Final Cut Pro XML again"


def timeline_in(root: Element) -> Json:
    """The timeline of a document. Raises NotAnEdit."""
    found = list(_sequences(root))
    if root.tag != "xmeml" or not found:
        other = " It is XML of a newer Final Cut Pro." if root.tag == "fcpxml" else ""
        raise NotAnEdit(f"it is no XML of Final Cut Pro 7.{other}", "export OTIO, an EDL or FCP7 XML")
    if len(found) > 1:
        names = ", ".join(repr(_text(one, "name")[:40]) for one in found[:5])
        raise NotAnEdit(f"it has {len(found)} timelines: {names}", "export one of them alone")
    return _Reader(root, found[0]).timeline()


def _sequences(root: Element) -> Iterator[Element]:
    for child in root:
        if child.tag == "sequence":
            yield child
        elif child.tag in FOLDERS:
            yield from _sequences(child)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a clip is on the timeline. lead: frames before its beginning in which it comes in."""

    at: int
    end: int
    lead: int = 0
    tail: int = 0
    transition: str = ""


class _Reader:
    def __init__(self, root: Element, sequence: Element) -> None:
        self.sequence = sequence
        self.rate = _rate(sequence, Fraction(0))
        if not self.rate:
            raise NotAnEdit("it does not say how many frames a second it has", AGAIN)
        if sum(1 for _ in sequence.iter("clipitem")) > MOST_CLIPS:
            raise NotAnEdit(f"it has more than {MOST_CLIPS:,} clips", "export it in parts")
        self.files: dict[str, Element] = {}
        for file in root.iter("file"):
            if (name := file.get("id", "")) not in self.files or len(file):
                self.files[name] = file
        self.heard: set[tuple[object, ...]] = set()

    def timeline(self) -> Json:
        """Raises NotAnEdit."""
        top = self.sequence
        tracks = [self._track(track, kind) for kind in ("video", "audio") for track in _tracks(top, kind)]
        markers = [
            m for one in top.findall("marker") if (m := self._marker(one, self.rate, Fraction(0))) is not None
        ]
        start = _start(top.find("timecode"), self.rate)
        return objects.timeline_of(_text(top, "name"), self.rate, start, tracks, markers, {})

    def _track(self, track: Element, kind: str) -> LaidTrack:
        found = LaidTrack("Video" if kind == "video" else "Audio", _text(track, "name"))
        found.enabled = _text(track, "enabled").upper() != "FALSE"
        items = [one for one in track if one.tag in ("clipitem", "generatoritem", "transitionitem")]
        around = [None, *(one if one.tag == "transitionitem" else None for one in items), None]
        for one, before, after in zip(items, around, around[2:], strict=False):
            if one.tag == "transitionitem":
                continue
            place = self._place(one, before, after)
            if kind == "audio" and self._is_heard(one, place, track.get("currentExplodedTrackIndex", "0")):
                continue
            found.clips.append(self._laid(one, place, kind))
        return found

    def _place(self, one: Element, before: Element | None, after: Element | None) -> _Place:
        at, end, lead, tail, name = _number(one, "start"), _number(one, "end"), 0, 0, ""
        if before is not None:
            first, last, cut = _span(before)
            given = cut if at == UNKNOWN else at
            lead, tail, name, at = max(0, given - first), max(0, last - given), _title(before), given
        if end == UNKNOWN and after is not None:
            end = _span(after)[2]
        if at < 0 or end <= at:
            raise NotAnEdit(f"the clip {_text(one, 'name')[:80]!r} does not say where it is", AGAIN)
        return _Place(at, end, lead, tail, name)

    def _is_heard(self, one: Element, place: _Place, part: str) -> bool:
        """Whether it is another channel of a sound that is there already: they are on tracks of their own.
        part: which one of the channels of a track of Premiere's it is on, from 0."""
        file = one.find("file")
        what = (file.get("id") if file is not None else None, place.at, place.end, _number(one, "in"))
        channel = one.find("sourcetrack/trackindex")
        is_other = part != "0" or (channel is not None and (channel.text or "1").strip() != "1")
        known = what in self.heard
        self.heard.add(what)
        return known and is_other

    def _laid(self, one: Element, place: _Place, kind: str) -> Laid:
        rate, speed, effects = _rate(one, self.rate), Fraction(1), []
        for told in one.findall("filter/effect"):
            if _text(told, "effectid") == WARP and _text(told, "effecttype") in ("motion", ""):
                speed *= _speed(told)
            else:
                effects.append(_effect(told))
        lead = place.lead if _number(one, "start") == UNKNOWN else 0
        reference, begins = self._reference(one, rate)
        first = max(0, _number(one, "in")) * abs(speed) + lead * abs(speed) * rate / self.rate
        warps = [objects.warp(speed)] if speed != 1 else []
        clip: Json
        if (inner := one.find("sequence")) is not None:
            clip = objects.item("Stack.1", _text(one, "name") or _text(inner, "name"))
        else:
            markers = (self._marker(found, rate, begins) for found in one.findall("marker"))
            clip = objects.clip_of(_text(one, "name"), reference, effects=[*warps, *effects])
            clip["markers"] = [found for found in markers if found is not None]
            clip["metadata"] = {"callsheet": _about(one)} if _about(one) else {}
        clip["enabled"] = _text(one, "enabled").upper() != "FALSE"
        laid = Laid(place.at, place.end - place.at, clip, begins + first, rate, abs(speed))
        return replace(laid, before=place.lead, after=place.tail, transition=place.transition)

    def _reference(self, one: Element, rate: Fraction) -> tuple[Json, Fraction]:
        """What it shows, and the frame of `rate` at which that begins."""
        file = one.find("file")
        if file is None:
            kind = _text(one, "effect/effectid") or _text(one, "effect/name") or one.tag
            return objects.generator(_text(one, "name"), kind), Fraction(0)
        file = self.files.get(file.get("id", ""), file)
        if not _text(file, "pathurl") and (made := _text(file, "mediaSource")):
            return objects.generator(_text(file, "name"), made), Fraction(0)
        own = _rate(file, rate)
        begins, frames = _start(file.find("timecode"), own), max(0, _number(file, "duration"))
        available = objects.span(Fraction(begins), Fraction(frames), own) if frames else None
        reel = _text(file, "timecode/reel/name")
        about: Json = {"callsheet": {"reel": reel}} if reel else {}
        name, url = _text(file, "name"), _text(file, "pathurl")
        shown = objects.external(name, url, available, about)
        return shown, Fraction(begins) / own * rate if frames else Fraction(0)

    def _marker(self, found: Element, rate: Fraction, begins: Fraction) -> Json | None:
        """None for one without a place."""
        first, end = _number(found, "in"), _number(found, "out")
        if first < 0:
            return None
        frames = Fraction(max(1, end - first))
        where = objects.span(begins + first, frames, rate)
        color = _text(found, "pproColor") or _text(found, "color/name")
        return objects.marker(_text(found, "name"), _text(found, "comment"), color, where)


def _tracks(sequence: Element, kind: str) -> list[Element]:
    return sequence.findall(f"media/{kind}/track")


def _span(transition: Element) -> tuple[int, int, int]:
    """First frame, end and cut of a transition."""
    first, end = _number(transition, "start"), _number(transition, "end")
    where = _text(transition, "alignment")
    cut = {"start": first, "start-black": first, "end": end, "end-black": end}
    return first, end, cut.get(where, first + (end - first) // 2)


def _title(transition: Element) -> str:
    return _text(transition, "effect/name") or "dissolve"


def _about(one: Element) -> Json:
    """What callsheet wrote into the comments of a clip; {} for a clip of others."""
    take = TAKE.fullmatch(_text(one, "comments/mastercomment2"))
    address = _text(one, "comments/mastercomment1")
    if take is None or not address:
        return {}
    key = _text(one, "comments/mastercomment3")
    return {"address": address, "take": int(take[1]), "key": key, "film": take[2] or ""}


def _speed(warp: Element) -> Fraction:
    """Times as fast; negative for backwards, 0 for what changes within the clip."""
    told = {_text(p, "parameterid"): p for p in warp.findall("parameter")}
    if any(len(p.findall("keyframe")) > 2 for p in told.values()) and _flag(told.get("variablespeed")):
        return Fraction(0)
    percent = _decimal(_text(told["speed"], "value")) if "speed" in told else None
    speed = Fraction(100 if percent is None else percent).limit_denominator(10_000) / 100
    return -speed if _flag(told.get("reverse")) else speed


def _flag(parameter: Element | None) -> bool:
    return parameter is not None and _text(parameter, "value").upper() in ("TRUE", "1")


def _effect(told: Element) -> Json:
    """An effect, with all that the file says of it. Of a volume without keyframes also the gain in dB."""
    about: Json = {"fcp_xml": tostring(told, "unicode")[:LONGEST_EFFECT]}
    if _text(told, "effectid") == LEVELS and told.find(".//keyframe") is None:
        level = _decimal(_text(told, "parameter/value"))
        if level is not None and level > 0:
            about["callsheet"] = {"gain": round(20 * math.log10(level), 3)}
    return objects.effect(_text(told, "name") or _text(told, "effectid") or "effect", about)


def _rate(of: Element, usual: Fraction) -> Fraction:
    base = _decimal(_text(of, "rate/timebase"))
    if base is None or not 1 <= base <= 240:
        return usual
    slowed = _text(of, "rate/ntsc").upper() == "TRUE" and base in SLOWED
    return Fraction(int(base) * 1000, 1001) if slowed else Fraction(base).limit_denominator(1001)


def _start(code: Element | None, rate: Fraction) -> int:
    """The number of the first frame; 0 where that is not said."""
    if code is None:
        return 0
    if (number := _number(code, "frame", -1)) >= 0:
        return number
    try:
        return frame_of(_text(code, "string"), rate)
    except InputError:
        return 0


def _number(of: Element, name: str, usual: int = UNKNOWN) -> int:
    found = _decimal(_text(of, name))
    return usual if found is None else round(found)


def _decimal(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e9 else None


def _text(of: Element, path: str) -> str:
    found = of.findtext(path)
    return " ".join(found.split()) if found and "comment" not in path else (found or "").strip()
