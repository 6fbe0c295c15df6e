"""Sound in Final Cut Pro 7's XML. It has tracks of one channel: two stand for one of two channels, each clip
is on both, and attributes tell Premiere to make one track of them. Links hold a clip and its sound together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from callsheet.runtime.export.cut import CLIPS, EditClip, EditCut, Medium, SoundTrack

LEFT_AND_RIGHT: Final = (1, 2)
SAMPLES: Final = {"depth": "16", "samplerate": "48000"}


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a track of sound. number: of the track that it is written as, from 1. channel: from 1.
    of: how many the track has."""

    track: SoundTrack
    number: int
    channel: int
    of: int

    @property
    def attributes(self) -> Mapping[str, str]:
        """By these Premiere joins the channels of a track."""
        return {
            "currentExplodedTrackIndex": str(self.channel - 1),
            "totalExplodedTrackCount": str(self.of),
            "premiereTrackType": "Stereo" if self.of > 1 else "Mono",
        }

    def of_medium(self, medium: Medium | None) -> int:
        """The channel of a medium that is heard here: one that has a single channel is heard on both."""
        return min(self.channel, max(1, medium.channels)) if medium else self.channel

    def name_of(self, index: int) -> str:
        """The name of a clip on it. index: from 0."""
        return f"sound-{self.number}-{index + 1}"


def channels_of(cut: EditCut) -> Iterator[Channel]:
    """The tracks of sound, as many as there are channels."""
    number = 0
    for track in cut.sound_tracks:
        of = 2 if any(clip.medium and clip.medium.channels > 1 for clip in track.clips) else 1
        for channel in LEFT_AND_RIGHT[:of]:
            number += 1
            yield Channel(track, number, channel, of)


def output(audio: Element) -> None:
    """Write that the film is heard on two channels."""
    SubElement(audio, "numOutputChannels").text = "2"
    characteristics = SubElement(SubElement(audio, "format"), "samplecharacteristics")
    for name, value in SAMPLES.items():
        SubElement(characteristics, name).text = value
    groups = SubElement(audio, "outputs")
    for channel in map(str, LEFT_AND_RIGHT):
        group = SubElement(groups, "group")
        for name, value in (("index", channel), ("numchannels", "1"), ("downmix", "0")):
            SubElement(group, name).text = value
        SubElement(SubElement(group, "channel"), "index").text = channel


class Links:
    """What belongs together: each clip of the main track, and its own sound. names: number of the clip → the
    name of its picture."""

    def __init__(self, cut: EditCut, channels: Sequence[Channel], names: Mapping[int, str]) -> None:
        self.names = names
        self.pictures = {clip.number: i for i, clip in enumerate(cut.on_track(0), 1)}
        own = [channel for channel in channels if channel.track.name == CLIPS]
        self.sounds: dict[int, list[tuple[Channel, int]]] = {}
        for channel in own:
            for index, clip in enumerate(channel.track.clips):
                self.sounds.setdefault(clip.number, []).append((channel, index))

    def of(self, clip: EditClip) -> Iterator[Element]:
        """The links of a clip or its sound; none where it has no sound."""
        sounds = self.sounds.get(clip.number, [])
        if sounds and clip.track == 0:
            yield _link(self.names[clip.number], "video", 1, self.pictures[clip.number])
            for channel, index in sounds:
                yield _link(channel.name_of(index), "audio", channel.number, index + 1)


def _link(name: str, kind: str, track: int, index: int) -> Element:
    link = Element("link")
    told = {"linkclipref": name, "mediatype": kind, "trackindex": str(track), "clipindex": str(index)}
    for tag, value in (told | ({"groupindex": "1"} if kind == "audio" else {})).items():
        SubElement(link, tag).text = value
    return link
