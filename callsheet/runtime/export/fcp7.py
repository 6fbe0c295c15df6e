"""The edit as Final Cut Pro 7's XML (xmeml, version 5), which Premiere and Resolve import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as xml

from callsheet.runtime.export.cut import EditClip, EditCut, Marker, Medium, overlap, printable
from callsheet.runtime.export.fcp7_sound import SAMPLES, Channel, Links, channels_of, output
from callsheet.runtime.export.markers import merged
from callsheet.spec.timecode import is_dropping, timecode

Element = xml.Element
Tree = dict[str, object]
COLORS: Final = {
    "BLUE": (0, 0, 255),
    "GREEN": (0, 255, 0),
    "RED": (255, 0, 0),
    "YELLOW": (255, 255, 0),
    "ORANGE": (255, 128, 0),
    "PURPLE": (128, 0, 255),
    "CYAN": (0, 255, 255),
    "MAGENTA": (255, 0, 255),
    "PINK": (255, 128, 192),
    "BLACK": (0, 0, 0),
    "WHITE": (255, 255, 255),
}
"""The colours of markers that OpenTimelineIO names: red, green, blue."""
UNKNOWN: Final = "-1"
"""Where a clip begins or ends that a transition cuts."""


def as_fcp7(cut: EditCut, media: Path | None) -> str:
    """The edit as text. media: the folder of the media, since programs want its whole path; None where the
    folder will be elsewhere."""
    root = Element("xmeml", version="5")
    root.append(_Writer(cut, media).sequence())
    xml.indent(root, " ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
    return f"{head}{xml.tostring(root, encoding='unicode')}\n"


class _Writer:
    """told: digests of the media that are described already; later clips only name them."""

    def __init__(self, cut: EditCut, media: Path | None) -> None:
        self.cut, self.media = cut, media.absolute() if media else None
        self.told: dict[str, str] = {}
        self.names = {clip.number: f"clipitem-{clip.number}" for clip in cut.clips}
        self.channels = list(channels_of(cut))
        self.links = Links(cut, self.channels, self.names)

    def sequence(self) -> Element:
        cut = self.cut
        top = Element("sequence", id="sequence-1", explodedTracks="true")
        code = {"rate": _rate(cut.rate), "string": timecode(cut.start, cut.rate), "frame": cut.start}
        code["displayformat"] = "DF" if is_dropping(cut.rate) else "NDF"
        _add(top, {"name": cut.name, "duration": cut.frames, "rate": _rate(cut.rate), "timecode": code})
        media = xml.SubElement(top, "media")
        video = xml.SubElement(media, "video")
        _add(video, {"format": {"samplecharacteristics": self._picture(cut.rate)}})
        for number in range(cut.tracks):
            self._track(video, cut.on_track(number))
        audio = xml.SubElement(media, "audio")
        output(audio)
        for channel in self.channels:
            self._track(audio, channel.track.clips, channel)
        for marker in merged(cut.markers):
            top.append(_marker(marker))
        return top

    def _picture(self, rate: Fraction, size: tuple[int, int] | None = None) -> Tree:
        width, height = size or self.cut.size
        return {"rate": _rate(rate), "width": width, "height": height, "pixelaspectratio": "square"}

    def _track(self, parent: Element, clips: Sequence[EditClip], heard: Channel | None = None) -> None:
        """One track of pictures, or one channel of a sound."""
        track = xml.SubElement(parent, "track", dict(heard.attributes) if heard else {})
        kind = "audio" if heard else "video"
        for i, clip in enumerate(clips):
            came, goes = overlap(clips, i), overlap(clips, i + 1)
            if came:
                track.append(self._transition(clip.at, came, kind))
            name = heard.name_of(i) if heard else self.names[clip.number]
            track.append(self._item(clip, name, heard, (bool(came), bool(goes))))
        _add(track, {"enabled": heard.track.enabled if heard else True, "locked": False})
        if heard:
            _add(track, {"outputchannelindex": heard.channel})

    def _item(self, clip: EditClip, name: str, heard: Channel | None, melts: tuple[bool, bool]) -> Element:
        """A clip. Its first and last pictures count what is seen in transitions, too. melts: whether it
        dissolves in and out."""
        item = Element("clipitem", id=name)
        first = round(clip.start / clip.speed)
        medium = clip.medium
        length = round(medium.frames / medium.rate * self.cut.rate) if medium and medium.rate else clip.frames
        about: Tree = {"name": clip.name, "enabled": True, "duration": length, "rate": _rate(self.cut.rate)}
        about |= {"start": UNKNOWN if melts[0] else clip.at, "end": UNKNOWN if melts[1] else clip.end}
        about |= {"in": first, "out": first + clip.frames}
        _add(item, about)
        item.append(self._file(medium) if medium is not None else self._offline(clip, name))
        kind = "audio" if heard else "video"
        if heard:
            item.set("premiereChannelType", "stereo" if heard.of > 1 else "mono")
        where = heard.of_medium(medium) if heard else 1
        _add(item, {"sourcetrack": {"mediatype": kind, "trackindex": where}})
        if clip.speed != 1:
            item.append(_speed(clip.speed, kind))
        item.extend(self.links.of(clip))
        _add(item, self._comments(clip))
        return item

    def _comments(self, clip: EditClip) -> Tree:
        """Where a clip comes from."""
        origin = clip.origin
        told = {"mastercomment1": origin.address, "mastercomment2": f"take {origin.take} of {self.cut.name}"}
        told |= {"mastercomment3": origin.key, "mastercomment4": origin.prompt}
        shown = {name: text for name, text in told.items() if text}
        return {"comments": shown} if origin.address else {}

    def _file(self, medium: Medium) -> Element:
        if medium.digest in self.told:
            return Element("file", id=self.told[medium.digest])
        name = self.told[medium.digest] = f"file-{len(self.told) + 1}"
        file = Element("file", id=name)
        rate = medium.rate or self.cut.rate
        channels = {"samplecharacteristics": SAMPLES, "channelcount": max(1, medium.channels)}
        sound: Tree = {"audio": channels} if medium.has_sound else {}
        picture: Tree = (
            {"video": {"samplecharacteristics": self._picture(rate, medium.size)}}
            if medium.has_picture
            else {}
        )
        start: Tree = {"rate": _rate(rate), "string": timecode(medium.begins, rate), "frame": medium.begins}
        start["displayformat"] = "DF" if is_dropping(rate) else "NDF"
        about: Tree = {
            "name": medium.name,
            "pathurl": self._url(medium),
            "rate": _rate(rate),
            "duration": medium.frames or 1,
            "timecode": {**start, "reel": {"name": medium.reel}},
            "media": {**picture, **sound},
        }
        _add(file, about)
        return file

    def _offline(self, clip: EditClip, name: str) -> Element:
        """A file that is not here: programs show its name, and ask for it."""
        file = Element("file", id=f"offline-{name}")
        about: Tree = {"name": clip.name, "rate": _rate(self.cut.rate), "duration": clip.frames}
        _add(file, {**about, "media": {"video": {"samplecharacteristics": self._picture(self.cut.rate)}}})
        return file

    def _url(self, medium: Medium) -> str:
        if self.media is None:
            return quote(f"media/{medium.name}")
        return f"file://localhost{quote((self.media / medium.name).as_posix())}"

    def _transition(self, at: int, frames: int, kind: str) -> Element:
        item = Element("transitionitem")
        name = "Cross Dissolve" if kind == "video" else "Cross Fade (+3dB)"
        effect: Tree = {"name": name, "effectid": name, "effecttype": "transition", "mediatype": kind}
        where: Tree = {"start": at, "end": at + frames, "alignment": "center"}
        _add(item, {"rate": _rate(self.cut.rate), **where, "effect": effect})
        return item


def _speed(speed: Fraction, kind: str) -> Element:
    found = Element("filter")
    effect = xml.SubElement(found, "effect")
    name = {"name": "Time Remap", "effectid": "timeremap", "effectcategory": "motion", "effecttype": "motion"}
    _add(effect, {**name, "mediatype": kind})
    for parameter, value in (("variablespeed", "0"), ("speed", f"{float(speed * 100):g}")):
        _add(effect, {"parameter": {"parameterid": parameter, "name": parameter, "value": value}})
    return found


def _marker(marker: Marker) -> Element:
    element = Element("marker")
    out = marker.at + marker.frames if marker.frames > 1 else -1
    levels = zip(("alpha", "red", "green", "blue"), (0, *COLORS[marker.color]), strict=True)
    about: Tree = {"name": marker.name, "comment": marker.text, "in": marker.at, "out": out}
    _add(element, {**about, "color": dict(levels)})
    return element


def _rate(rate: Fraction) -> Tree:
    """Whole frames a second, and whether they are slowed by a thousandth, as television's are."""
    return {"timebase": max(1, round(rate)), "ntsc": rate.denominator == 1001}


def _add(parent: Element, values: Tree) -> None:
    for name, value in values.items():
        element = xml.SubElement(parent, name)
        if isinstance(value, dict):
            _add(element, value)
        else:
            element.text = printable(str(value).upper() if isinstance(value, bool) else str(value))


def left_out(cut: EditCut) -> Iterator[str]:
    """What this form cannot hold of the edit, in sentences."""
    if cut.rate.denominator not in (1, 1001):
        yield f"xmeml knows whole frames a second: {float(cut.rate):g} became {round(cut.rate)}"
