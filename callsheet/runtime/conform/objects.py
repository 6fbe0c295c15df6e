"""Objects of OpenTimelineIO, for cuts that come in other forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from callsheet.dsl.cuts.edit import Json, NotAnEdit
from callsheet.dsl.cuts.otio import LONGEST, MOST_CLIPS


@dataclass(frozen=True, slots=True)
class Laid:
    """A clip at its place on a track. at, frames: in frames of the timeline. item: its object, without its
    range. start: frames of `rate` on the clock of its medium at which it begins. speed: how many times as
    fast it runs. before, after: frames of a dissolve into it before its beginning, and after it."""

    at: int
    frames: int
    item: Json
    start: Fraction = Fraction(0)
    rate: Fraction = Fraction(24)
    speed: Fraction = Fraction(1)
    before: int = 0
    after: int = 0
    transition: str = ""


@dataclass(slots=True)
class LaidTrack:
    """A track. kind: Video or Audio. enabled: whether it is on."""

    kind: str
    name: str = ""
    clips: list[Laid] = field(default_factory=list)
    enabled: bool = True


def timeline_of(
    name: str, rate: Fraction, start: int, tracks: Sequence[LaidTrack], markers: Sequence[Json], about: Json
) -> Json:
    """A timeline. start: the number of its first frame. about: its metadata. Raises NotAnEdit for too many
    clips, or for days."""
    if sum(len(track.clips) for track in tracks) > MOST_CLIPS:
        raise NotAnEdit(f"it has more than {MOST_CLIPS:,} clips", "export it in parts")
    if any(not 0 <= clip.at <= LONGEST * rate for track in tracks for clip in track.clips):
        raise NotAnEdit(f"it has clips before its beginning, or after {LONGEST // 3600} hours")
    children = [_track(track, rate) for track in tracks]
    stack = item("Stack.1", "tracks", children=children, source_range=None, markers=list(markers))
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": about,
        "name": name,
        "global_start_time": time(start, rate),
        "tracks": stack,
    }


def _track(track: LaidTrack, rate: Fraction) -> Json:
    children = list(_children(track.clips, rate))
    name, on = track.name, track.enabled
    return item("Track.1", name, kind=track.kind, children=children, source_range=None, enabled=on)


def _children(clips: Sequence[Laid], rate: Fraction) -> Iterator[Json]:
    """Clips and gaps, one behind the other. What a clip before covers is cut off."""
    place = 0
    for clip in sorted(clips, key=lambda clip: clip.at):
        covered = max(0, place - clip.at)
        if covered >= clip.frames:
            continue
        if clip.at > place:
            yield item("Gap.1", "", source_range=span(Fraction(0), Fraction(clip.at - place), rate))
        if clip.before + clip.after:
            yield _dissolve(clip, rate)
        start = clip.start + covered * clip.speed / rate * clip.rate
        frames = clip.frames - covered
        length = {"start_time": time(start, clip.rate), "duration": time(frames, rate)}
        yield {**clip.item, "source_range": {"OTIO_SCHEMA": "TimeRange.1", **length}}
        place = clip.at + clip.frames


def _dissolve(clip: Laid, rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": clip.transition,
        "in_offset": time(clip.before, rate),
        "out_offset": time(clip.after, rate),
        "transition_type": "SMPTE_Dissolve"
        if "dissolve" in clip.transition.casefold()
        else "Custom_Transition",
    }


def item(schema: str, name: str, **more: object) -> Json:
    """An object that lies on a timeline."""
    usual: Json = {"OTIO_SCHEMA": schema, "metadata": {}, "name": name, "effects": [], "markers": []}
    return {**usual, "enabled": True, **more}


def clip_of(name: str, reference: Json, **more: object) -> Json:
    """A clip, without its range."""
    media = {"media_references": {"DEFAULT_MEDIA": reference}, "active_media_reference_key": "DEFAULT_MEDIA"}
    return item("Clip.2", name, **media, **more)


def external(name: str, url: str, available: Json | None, about: Json) -> Json:
    """The reference to a file. about: its metadata."""
    known: Json = {"metadata": about, "name": name, "available_range": available}
    return {
        "OTIO_SCHEMA": "ExternalReference.1" if url else "MissingReference.1",
        **known,
        "available_image_bounds": None,
        **({"target_url": url} if url else {}),
    }


def generator(name: str, kind: str) -> Json:
    """The reference to what a program makes: a title, a colour."""
    return {
        "OTIO_SCHEMA": "GeneratorReference.1",
        "metadata": {},
        "name": name,
        "available_range": None,
        "available_image_bounds": None,
        "generator_kind": kind,
        "parameters": {},
    }


def warp(speed: Fraction) -> Json:
    """The effect of another speed."""
    usual: Json = {"OTIO_SCHEMA": "LinearTimeWarp.1", "metadata": {}, "name": "", "enabled": True}
    return {**usual, "effect_name": "LinearTimeWarp", "time_scalar": float(speed)}


def effect(name: str, about: Json) -> Json:
    """Another effect. about: its metadata."""
    return {
        "OTIO_SCHEMA": "Effect.1",
        "metadata": about,
        "name": name,
        "effect_name": name,
        "enabled": True,
    }


def marker(name: str, comment: str, color: str, where: Json, about: Json | None = None) -> Json:
    """A marker. where: its range. about: its metadata."""
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": about or {},
        "name": name,
        "color": color,
        "comment": comment,
        "marked_range": where,
    }


def span(start: Fraction, frames: Fraction, rate: Fraction) -> Json:
    """A range of time."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(frames, rate),
    }


def time(frames: Fraction | int, rate: Fraction) -> Json:
    """A place in time."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frames)}
