"""The edit as OpenTimelineIO's own JSON, written without its library (schemas of version 0.17)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from urllib.parse import quote

from callsheet.runtime.export.cut import EditClip, EditCut, Marker, Medium, Met, SoundTrack, met
from callsheet.runtime.export.markers import NOWHERE, of_clips

Schema = dict[str, object]


def as_otio(cut: EditCut, media: str) -> str:
    """The edit as JSON. media: the folder of the media, from the file that is written."""
    return json.dumps(_Writer(cut, media).timeline(), ensure_ascii=False, indent=1) + "\n"


class _Writer:
    def __init__(self, cut: EditCut, media: str) -> None:
        self.cut, self.media = cut, media
        self._markers = of_clips(cut)

    def timeline(self) -> Schema:
        cut = self.cut
        tracks = [self._track(f"V{n + 1}", "Video", cut.on_track(n)) for n in range(cut.tracks)]
        tracks += [self._sound(number, track) for number, track in enumerate(cut.sound_tracks, 1)]
        loose = [self._marker(marker, marker.at) for marker in self._markers.get(NOWHERE, ())]
        stack = self._item("Stack.1", "tracks", children=tracks, source_range=None, markers=loose)
        stems = [stem.medium.digest for stem in cut.stems]
        about = {"film": cut.name, "digest": cut.film.digest, "stems": stems, "notes": list(cut.notes)}
        return {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": {"callsheet": about},
            "name": cut.name,
            "global_start_time": self._time(cut.start),
            "tracks": stack,
        }

    def _sound(self, number: int, track: SoundTrack) -> Schema:
        found = self._track(f"A{number} {track.name}", "Audio", track.clips)
        about = {"callsheet": {"role": track.role}} if track.role else {}
        return {**found, "enabled": track.enabled, "metadata": about}

    def _track(self, name: str, kind: str, clips: Sequence[EditClip]) -> Schema:
        return self._item("Track.1", name, kind=kind, children=list(self._children(clips)), source_range=None)

    def _children(self, clips: Sequence[EditClip]) -> Iterator[Schema]:
        """Clips, gaps and dissolves."""
        place = 0
        for here in met(clips):
            if here.first > place:
                yield self._item("Gap.1", "", source_range=self._range(0, here.first - place))
            if here.came:
                yield self._dissolve(here.came)
            yield self._clip(here)
            place = here.last

    def _dissolve(self, frames: int) -> Schema:
        before = frames // 2
        return {
            "OTIO_SCHEMA": "Transition.1",
            "metadata": {},
            "name": "dissolve",
            "in_offset": self._time(before),
            "out_offset": self._time(frames - before),
            "transition_type": "SMPTE_Dissolve",
        }

    def _clip(self, here: Met) -> Schema:
        clip = here.clip
        start = self._begun(clip.medium) + clip.start + round(here.skipped * clip.speed)
        warp = [self._warp(clip.speed)] if clip.speed != 1 else []
        origin = clip.origin.to_json() if clip.number else {}
        digest = clip.medium.digest if clip.medium else None
        return self._item(
            "Clip.2",
            clip.name,
            source_range=self._range(start, here.last - here.first),
            effects=warp,
            markers=[self._in_clip(marker, here, start) for marker in self._markers.get(clip.number, ())],
            metadata={"callsheet": {**origin, "digest": digest, "film": self.cut.name}},
            media_references={"DEFAULT_MEDIA": self._reference(clip.medium, clip.name)},
            active_media_reference_key="DEFAULT_MEDIA",
        )

    def _in_clip(self, marker: Marker, here: Met, start: Fraction) -> Schema:
        """A marker in the time of the medium, so that it moves with its clip."""
        place = start + round((max(marker.at, here.first) - here.first) * here.clip.speed)
        return self._marker(marker, place)

    def _begun(self, medium: Medium | None) -> Fraction:
        """Where the clock of a medium begins, in frames of the film's rate."""
        return medium.begun * self.cut.rate if medium else Fraction(0)

    def _marker(self, marker: Marker, start: int | Fraction) -> Schema:
        """Says what is there, where the editor looks."""
        about = {"address": marker.address or None, "kind": marker.kind}
        return {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {"callsheet": about},
            "name": marker.name,
            "color": marker.color,
            "marked_range": self._range(start, marker.frames),
            "comment": marker.text,
        }

    def _reference(self, medium: Medium | None, name: str) -> Schema:
        if medium is None:
            return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": name, **_UNKNOWN}
        length = self._range(medium.begins, medium.frames, medium.rate) if medium.rate else None
        return {
            "OTIO_SCHEMA": "ExternalReference.1",
            "metadata": {"callsheet": {"digest": medium.digest}, "cmx_3600": {"reel": medium.reel}},
            "name": medium.name,
            "available_range": length,
            "available_image_bounds": None,
            "target_url": quote(f"{self.media}/{medium.name}"),
        }

    def _warp(self, speed: Fraction) -> Schema:
        return {
            "OTIO_SCHEMA": "LinearTimeWarp.1",
            "metadata": {},
            "name": "",
            "effect_name": "LinearTimeWarp",
            "time_scalar": float(speed),
            "enabled": True,
        }

    def _item(self, schema: str, name: str, **more: object) -> Schema:
        usual: Schema = {"OTIO_SCHEMA": schema, "metadata": {}, "name": name, "effects": [], "markers": []}
        return {**usual, "enabled": True, **more}

    def _time(self, frames: int | Fraction, rate: Fraction | None = None) -> Schema:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate or self.cut.rate), "value": float(frames)}

    def _range(self, start: int | Fraction, frames: int, rate: Fraction | None = None) -> Schema:
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": self._time(start, rate),
            "duration": self._time(frames, rate),
        }


_UNKNOWN: Schema = {"available_range": None, "available_image_bounds": None}
