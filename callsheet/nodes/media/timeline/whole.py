"""Films that are one whole clip, but for what is done to its pictures: what of the clip is kept as it is."""

from __future__ import annotations

from pathlib import Path

from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.timeline.model import Cut, Timeline


def whole_clip(timeline: Timeline) -> Clip | None:
    """The clip of which every picture is shown at its own time, in its size; None where there is none."""
    cuts = list(timeline.cuts())
    if len(cuts) != 1 or timeline.board or timeline.sounds or timeline.tracks[0].cell:
        return None
    cut, clip = cuts[0], cuts[0].clip
    if not isinstance(clip, Clip) or clip.size != timeline.size or clip.rate != timeline.rate:
        return None
    is_whole = clip.regular and clip.count == cut.frames == timeline.frames
    return clip if is_whole and not _changes(cut) else None


def _changes(cut: Cut) -> bool:
    speeds = cut.speed != 1 or cut.start or cut.at
    return bool(speeds or cut.fade_in or cut.fade_out or cut.crop or cut.gain or not cut.heard)


def copied_sound(timeline: Timeline) -> Path | None:
    """The file whose sound the film has, unchanged and in a form that an MP4 holds, if there is one."""
    clip = whole_clip(timeline)
    if clip is None or not clip.sound or engine.container_of(clip.path).demuxer != "mov":
        return None
    with engine.opened(clip.path) as source:
        return clip.path if source.streams.audio[0].codec_context.name == "aac" else None
