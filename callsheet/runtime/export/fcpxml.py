"""The edit as FCPXML (version 1.9), which Final Cut Pro and Resolve import.

Every time is a fraction of seconds on the grid of its frames. The main track is the primary storyline; what
is above it is connected to it, and so is the sound. The form is that of Apple's DTD.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as xml

from callsheet.runtime.export.cut import (
    CLIPS,
    EditClip,
    EditCut,
    Marker,
    Medium,
    Met,
    SoundTrack,
    met,
    overlap,
    printable,
)
from callsheet.runtime.export.markers import NOWHERE, merged, of_clips
from callsheet.spec.timecode import is_dropping

Element = xml.Element
VERSION: Final = "1.9"
NAMED: Final = {(1280, 720): "720p", (1920, 1080): "1080p", (3840, 2160): "3840x2160p"}
"""Sizes that Final Cut has names for."""
RATES: Final = {
    Fraction(24_000, 1001): "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30_000, 1001): "29.97",
    Fraction(30): "30",
    Fraction(50): "50",
    Fraction(60_000, 1001): "59.94",
    Fraction(60): "60",
}
"""Rates that Final Cut knows, by their names there."""
STILL: Final = "FFVideoFormatRateUndefined"
DISSOLVE: Final = ("Cross Dissolve", "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265")
CROSSFADE: Final = ("Audio Crossfade", "FFAudioTransition")
ROLES: Final = {"production": "effects.production"}
"""Roles of sound that are a part of one that Final Cut knows."""
COMPLETED: Final = {"GREEN": "1", "RED": "0", "ORANGE": "0", "YELLOW": "0"}
"""Colours that Final Cut has: a done task is green, an open one red, another marker blue."""


def as_fcpxml(cut: EditCut, media: str) -> str:
    """The edit as text. media: the URL of the folder of the media; relative to the file, or whole."""
    root = _Writer(cut, media).root()
    xml.indent(root, " ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    return f"{head}{xml.tostring(root, encoding='unicode')}\n"


def left_out(cut: EditCut) -> Iterator[str]:
    """What FCPXML cannot hold of this edit, in sentences."""
    if cut.rate not in RATES:
        yield f"Final Cut has no projects of {float(cut.rate):g} frames a second: it may refuse the FCPXML"
    lost = [str(clip.number) for clip in cut.clips if clip.medium is None]
    if lost:
        yield f"FCPXML has a gap where a file is not here: shot {', '.join(lost)}"
    if any(marker.color not in ("BLUE", "GREEN", "RED") for marker in cut.markers):
        yield "markers of Final Cut are blue, green or red: those of other colours became open tasks, or blue"


@dataclass
class _Item:
    """A thing on a storyline. first, last: its first frame in the film, and the one after its last. local:
    seconds on its own clock at `first`. head, anchored, markers, tail: what it holds, in the order of the
    DTD."""

    element: Element
    first: int
    last: int
    local: Fraction
    head: list[Element] = field(default_factory=list)
    anchored: list[Element] = field(default_factory=list)
    markers: list[Element] = field(default_factory=list)
    tail: list[Element] = field(default_factory=list)

    def whole(self) -> Element:
        """The element with what it holds."""
        self.element.extend([*self.head, *self.anchored, *self.markers, *self.tail])
        return self.element


class _Writer:
    """resources: what the story refers to, in order. ids: what each is → its name."""

    def __init__(self, cut: EditCut, media: str) -> None:
        self.cut, self.media = cut, media
        self.resources = Element("resources")
        self.ids: dict[object, str] = {}

    def root(self) -> Element:
        cut = self.cut
        root = Element("fcpxml", version=VERSION)
        sequence = Element("sequence", format=self._format(cut.rate, cut.size))
        sequence.attrib |= {"duration": self._frames(cut.frames), "tcStart": self._frames(cut.start)}
        sequence.attrib |= {"tcFormat": _counting(cut.rate), "audioLayout": "stereo", "audioRate": "48k"}
        sequence.append(self._story())
        event = Element("event", name=printable(cut.name))
        project = xml.SubElement(event, "project", name=printable(cut.name))
        project.append(sequence)
        library = Element("library")
        library.append(event)
        root.extend([self.resources, library])
        return root

    def _story(self) -> Element:
        """The primary storyline, with all that is connected to it."""
        items = list(self._primary())
        main = [item for item in items if item.element.tag != "transition"]
        for lane in range(1, self.cut.tracks):
            for run in _runs(self.cut.on_track(lane)):
                self._connect(main, run[0].at, self._connected(run, lane))
        lane = 0
        for track in self.cut.sound_tracks:
            if track.name != CLIPS:
                lane -= 1
                self._connect(main, 0, [self._sound(track, lane)])
        for marker in self._markers.get(NOWHERE, ()):
            item = _at(main, marker.at)
            item.markers.append(self._marker(marker, item))
        spine = Element("spine")
        spine.extend(item.whole() for item in items)
        return spine

    def _primary(self) -> Iterator[_Item]:
        """Clips, transitions and gaps, to the end of the last clip of any track."""
        place = 0
        for here in met(self.cut.on_track(0)):
            if here.first > place:
                yield self._gap("Gap", place, here.first)
            if here.came:
                yield self._transition(here.clip.at, here.came, self._frames(self.cut.start + here.clip.at))
            yield self._clip(here, self._frames(self.cut.start + here.first))
            place = here.last
        end = max((clip.end for clip in self.cut.clips), default=self.cut.frames)
        if end > place:
            yield self._gap("Gap", place, end)

    def _connect(self, main: Sequence[_Item], at: int, elements: Iterable[Element]) -> None:
        """Connect elements to what is on the primary storyline at a frame."""
        item = _at(main, at)
        offset = _seconds(item.local + (at - item.first) / self.cut.rate)
        for element in elements:
            element.attrib["offset"] = offset
            item.anchored.append(element)

    def _connected(self, run: Sequence[EditClip], lane: int) -> Iterator[Element]:
        """Clips above the main track: one that dissolves into another is in a storyline with it."""
        here = list(met(run))
        if len(here) == 1:
            element = self._clip(here[0], "0s", heard=False).whole()
            element.attrib["lane"] = str(lane)
            yield element
            return
        spine = Element("spine", lane=str(lane))
        for one in here:
            if one.came:
                spine.append(
                    self._transition(one.clip.at, one.came, self._frames(one.clip.at - run[0].at)).whole()
                )
            spine.append(self._clip(one, self._frames(one.first - run[0].at), heard=False).whole())
        yield spine

    def _gap(self, name: str, first: int, last: int) -> _Item:
        """A gap has a clock of its own, which begins at an hour, as Final Cut writes it."""
        element = Element("gap", name=printable(name), offset=self._frames(self.cut.start + first))
        element.attrib |= {"start": "3600s", "duration": self._frames(last - first)}
        return _Item(element, first, last, Fraction(3600))

    def _transition(self, at: int, frames: int, offset: str) -> _Item:
        element = Element("transition", name=DISSOLVE[0], offset=offset, duration=self._frames(frames))
        for kind, effect in (("filter-video", DISSOLVE), ("filter-audio", CROSSFADE)):
            xml.SubElement(element, kind, ref=self._effect(effect), name=effect[0])
        return _Item(element, at, at + frames, Fraction(0))

    def _clip(self, here: Met, offset: str, heard: bool = True) -> _Item:
        clip, medium = here.clip, here.clip.medium
        length = self._frames(here.last - here.first)
        if medium is None:
            item = self._gap(clip.name, here.first, here.last)
            item.element.attrib["offset"] = offset
        elif medium.rate is None:
            element = Element("video", ref=self._asset(medium), offset=offset, name=printable(clip.name))
            element.attrib |= {"start": "0s", "duration": length}
            item = _Item(element, here.first, here.last, Fraction(0))
        else:
            first = medium.begun + (round(clip.start / clip.speed) + here.skipped) / self.cut.rate
            element = Element("asset-clip", ref=self._asset(medium), offset=offset, name=printable(clip.name))
            element.attrib |= {
                "start": _seconds(first),
                "duration": length,
                "tcFormat": _counting(medium.rate),
            }
            if medium.has_sound:
                element.attrib |= (
                    {"srcEnable": "all", "audioRole": "effects"} if heard else {"srcEnable": "video"}
                )
            item = _Item(element, here.first, here.last, first)
            item.head += self._timing(clip, medium)
            item.tail.append(_about(clip, medium))
        if clip.origin.prompt:
            item.head.insert(0, _note(clip.origin.prompt))
        for marker in self._markers.get(clip.number, ()):
            item.markers.append(self._marker(marker, item))
        return item

    def _timing(self, clip: EditClip, medium: Medium) -> Iterator[Element]:
        """How another rate is kept in time, and how a clip is faster or slower."""
        assert medium.rate is not None
        if medium.rate != self.cut.rate:
            named = {"srcFrameRate": RATES[medium.rate]} if medium.rate in RATES else {}
            yield Element("conform-rate", {"scaleEnabled": "0", **named})
        if clip.speed != 1:
            whole = medium.frames / medium.rate
            found = Element("timeMap")
            for time, value in ((Fraction(0), Fraction(0)), (whole / clip.speed, whole)):
                about = {"time": _seconds(medium.begun + time), "value": _seconds(medium.begun + value)}
                xml.SubElement(found, "timept", {**about, "interp": "linear"})
            yield found

    def _sound(self, track: SoundTrack, lane: int) -> Element:
        clip = track.clips[0]
        assert clip.medium is not None
        element = Element(
            "asset-clip", ref=self._asset(clip.medium), lane=str(lane), name=printable(clip.name)
        )
        element.attrib |= {"start": _seconds(clip.medium.begun), "duration": self._frames(clip.frames)}
        element.attrib |= {"audioRole": ROLES.get(track.role, track.role or track.name)}
        element.attrib |= {"enabled": str(int(track.enabled))}
        if clip.medium.has_picture:
            element.attrib["srcEnable"] = "audio"
        return element

    @cached_property
    def _markers(self) -> Mapping[int, list[Marker]]:
        return {number: list(merged(found)) for number, found in of_clips(self.cut).items()}

    def _marker(self, marker: Marker, item: _Item) -> Element:
        place = min(max(marker.at, item.first), item.last - 1)
        start = _seconds(item.local + (place - item.first) / self.cut.rate)
        element = Element("marker", start=start, duration=self._frames(marker.frames))
        element.attrib["value"] = printable(marker.name)
        if marker.color in COMPLETED:
            element.attrib["completed"] = COMPLETED[marker.color]
        if marker.text:
            element.attrib["note"] = printable(marker.text)
        return element

    def _asset(self, medium: Medium) -> str:
        name, is_new = self._named(medium.digest)
        if not is_new:
            return name
        length = medium.frames / medium.rate if medium.rate else Fraction(0)
        asset = Element("asset", id=name, name=printable(medium.name))
        asset.attrib |= {"start": _seconds(medium.begun), "duration": _seconds(length)}
        if medium.has_picture:
            form = self._format(medium.rate, medium.size or self.cut.size)
            asset.attrib |= {"hasVideo": "1", "videoSources": "1", "format": form}
        if medium.has_sound:
            sound = {"audioChannels": str(medium.channels), "audioRate": str(medium.hertz)}
            asset.attrib |= {"hasAudio": "1", "audioSources": "1", **sound}
        url = f"{self.media}/{quote(medium.name)}"
        xml.SubElement(asset, "media-rep", kind="original-media", src=url)
        self.resources.append(asset)
        return name

    def _format(self, rate: Fraction | None, size: tuple[int, int]) -> str:
        name, is_new = self._named((rate, size))
        if is_new:
            form = xml.SubElement(self.resources, "format", id=name)
            title = _title(rate, size)
            form.attrib |= {"name": title} if title else {}
            form.attrib |= {"frameDuration": _seconds(1 / rate)} if rate else {}
            form.attrib |= {"width": str(size[0]), "height": str(size[1])}
            form.attrib |= {"colorSpace": "1-1-1 (Rec. 709)"} if rate else {}
        return name

    def _effect(self, effect: tuple[str, str]) -> str:
        name, is_new = self._named(effect)
        if is_new:
            xml.SubElement(self.resources, "effect", id=name, name=effect[0], uid=effect[1])
        return name

    def _named(self, what: object) -> tuple[str, bool]:
        """The name of a resource, and whether it is new."""
        is_new = what not in self.ids
        return self.ids.setdefault(what, f"r{len(self.ids) + 1}"), is_new

    def _frames(self, frames: int) -> str:
        return _seconds(frames / self.cut.rate)


def _at(items: Sequence[_Item], frame: int) -> _Item:
    """What is there at a frame, of items one after the other; the last one behind the end."""
    return items[max(0, bisect_right(items, frame, key=lambda item: item.first) - 1)]


def _runs(clips: Sequence[EditClip]) -> Iterator[list[EditClip]]:
    """Clips of a track that dissolve into each other, together."""
    run: list[EditClip] = []
    for i, clip in enumerate(clips):
        if run and not overlap(clips, i):
            yield run
            run = []
        run.append(clip)
    if run:
        yield run


def _about(clip: EditClip, medium: Medium) -> Element:
    """What made a clip, as Final Cut shows it among its information."""
    found, origin = Element("metadata"), clip.origin
    told = {"com.apple.proapps.studio.reel": medium.reel, "com.callsheet.digest": medium.digest}
    usd = "" if origin.usd is None else f"{origin.usd:g}"
    if origin.address:
        told |= {"com.callsheet.address": origin.address, "com.callsheet.take": str(origin.take)}
        told |= {"com.callsheet.key": origin.key, "com.callsheet.uses": origin.uses, "com.callsheet.usd": usd}
    for key, value in told.items():
        if value:
            xml.SubElement(found, "md", key=key, value=printable(value), type="string")
    return found


def _note(text: str) -> Element:
    element = Element("note")
    element.text = printable(text)
    return element


def _title(rate: Fraction | None, size: tuple[int, int]) -> str:
    if rate is None:
        return STILL
    known = size in NAMED and rate in RATES
    return f"FFVideoFormat{NAMED[size]}{RATES[rate].replace('.', '')}" if known else ""


def _counting(rate: Fraction) -> str:
    return "DF" if is_dropping(rate) else "NDF"


def _seconds(time: Fraction) -> str:
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"
