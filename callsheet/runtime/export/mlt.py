"""The edit as MLT XML, which Kdenlive and Shotcut open and `melt` renders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from typing import Final
from xml.etree import ElementTree as xml

from callsheet.runtime.export.cut import CLIPS, EditClip, EditCut, Medium, SoundTrack, overlap, printable

Element = xml.Element
NO_CLIP: Final = "black"
SOUNDLESS: Final = "video"
"""What a track hides that is only heard."""
NEVER: Final = "both"


def as_mlt(cut: EditCut, media: str) -> str:
    """The edit as text. media: the folder of the media, from the file that is written."""
    root = _Writer(cut, media).root()
    xml.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


class _Writer:
    """number: of the next element that needs a name."""

    def __init__(self, cut: EditCut, media: str) -> None:
        self.cut, self.media = cut, media
        self.top = Element("mlt", LC_NUMERIC="C", version="7.0.0", producer="film", title=printable(cut.name))
        self.number = 0

    def root(self) -> Element:
        self.top.append(self._profile())
        film = Element("tractor", id="film")
        for name in [self._background(), *self._playlists()]:
            xml.SubElement(film, "track", producer=name)
        for number, track in enumerate(self._sounds(), 1):
            hide = SOUNDLESS if track.enabled else NEVER
            xml.SubElement(film, "track", producer=self._playlist(f"A{number}", track.clips), hide=hide)
        self.top.append(film)
        return self.top

    def _sounds(self) -> list[SoundTrack]:
        """The tracks that are only heard: clips have their own sound on the tracks of pictures."""
        return [track for track in self.cut.sound_tracks if track.name != CLIPS]

    def _profile(self) -> Element:
        rate, (width, height) = self.cut.rate, self.cut.size
        shape = gcd(width, height) or 1
        return Element(
            "profile",
            description=printable(self.cut.name),
            width=str(width),
            height=str(height),
            progressive="1",
            sample_aspect_num="1",
            sample_aspect_den="1",
            display_aspect_num=str(width // shape),
            display_aspect_den=str(height // shape),
            frame_rate_num=str(rate.numerator),
            frame_rate_den=str(rate.denominator),
            colorspace="709",
        )

    def _background(self) -> str:
        """What is seen where no clip is, for as long as the film."""
        whole = EditClip(0, NO_CLIP, None, 0, self.cut.frames)
        return self._playlist("background", [whole])

    def _playlists(self) -> list[str]:
        """The tracks of pictures, the lowest first; a picture of a higher one covers those below."""
        return [self._playlist(f"V{n + 1}", self.cut.on_track(n)) for n in range(self.cut.tracks)]

    def _playlist(self, name: str, clips: Sequence[EditClip]) -> str:
        entries = list(self._entries(clips))
        playlist = xml.SubElement(self.top, "playlist", id=name)
        playlist.extend(entries)
        return name

    def _entries(self, clips: Sequence[EditClip]) -> Iterator[Element]:
        """Blanks, clips and dissolves, one after the other."""
        place = 0
        for i, clip in enumerate(clips):
            came, goes = overlap(clips, i), overlap(clips, i + 1)
            if clip.at > place:
                yield Element("blank", length=str(clip.at - place))
            if came:
                yield self._dissolve(clips[i - 1], clip, came)
            if clip.frames > came + goes:
                yield self._entry(clip, came, clip.frames - goes)
            place = clip.end

    def _dissolve(self, before: EditClip, clip: EditClip, frames: int) -> Element:
        """A part of its own, in which both clips are there and one comes in over the other."""
        last = str(frames - 1)
        mix = Element("tractor", {"id": self._name("mix"), "in": "0", "out": last})
        for source, first in ((before, clip.at - before.at), (clip, 0)):
            part = self._entry(source, first, first + frames)
            xml.SubElement(mix, "track", dict(part.attrib))
        for service in ("luma", "mix"):
            transition = xml.SubElement(mix, "transition", {"in": "0", "out": last})
            about = {"mlt_service": service, "a_track": "0", "b_track": "1"}
            about |= {"start": "-1", "accepts_blanks": "1"} if service == "mix" else {}
            _properties(transition, about)
        self.top.append(mix)
        return Element("entry", {"producer": mix.attrib["id"], "in": "0", "out": last})

    def _entry(self, clip: EditClip, first: int, end: int) -> Element:
        """The frames of a clip from `first` up to `end`, counted from its beginning in the film."""
        start = round(clip.start / clip.speed)
        first, last = start + first, start + end - 1
        return Element("entry", {"producer": self._producer(clip), "in": str(first), "out": str(last)})

    def _producer(self, clip: EditClip) -> str:
        name, medium = self._name("clip"), clip.medium
        producer = xml.SubElement(self.top, "producer", id=name)
        if medium is None:
            _properties(producer, {"mlt_service": "color", "resource": NO_CLIP})
        else:
            _properties(producer, _source(f"{self.media}/{medium.name}", medium, clip))
        about = {"callsheet:address": clip.origin.address, "callsheet:key": clip.origin.key}
        _properties(producer, {"kdenlive:clipname": clip.name, **{n: v for n, v in about.items() if v}})
        return name

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"


def left_out(cut: EditCut) -> Iterator[str]:
    """What MLT cannot hold of this edit, in sentences."""
    if any(marker.kind != "shot" for marker in cut.markers):
        yield "MLT has no markers: what people said about shots is not in it"


def _source(path: str, medium: Medium, clip: EditClip) -> dict[str, str]:
    if medium.rate is None:
        return {"mlt_service": "qimage", "resource": path, "length": str(clip.frames)}
    if clip.speed != 1:
        speed = f"{float(clip.speed):g}"
        return {
            "mlt_service": "timewarp",
            "resource": f"{speed}:{path}",
            "warp_speed": speed,
            "warp_resource": path,
        }
    return {"mlt_service": "avformat", "resource": path}


def _properties(element: Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        xml.SubElement(element, "property", name=name).text = printable(value)
