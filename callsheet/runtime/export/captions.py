"""The edit as SRT or WebVTT: the name of each shot while it is shown, to watch beside the film."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from callsheet.runtime.export.cut import EditCut

LONGEST: Final = 200
"""Characters of a prompt that are shown."""


def as_srt(cut: EditCut) -> str:
    """One caption for each shot of the main track: its number, its name and its prompt."""
    return "\n\n".join(f"{number}\n{caption}" for number, caption in enumerate(_captions(cut, ","), 1)) + "\n"


def as_vtt(cut: EditCut) -> str:
    """The same as WebVTT."""
    captions = (caption.replace("&", "&amp;").replace("<", "&lt;") for caption in _captions(cut, "."))
    return "\n\n".join(["WEBVTT", *captions]) + "\n"


def _captions(cut: EditCut, mark: str) -> Iterator[str]:
    """The times and the text of each caption. mark: between seconds and milliseconds."""
    clips = cut.on_track(0)
    for number, clip in enumerate(clips, 1):
        after = clips[number].at if number < len(clips) else clip.end
        end = min(clip.end, max(after, clip.at + 1))
        times = f"{_clock(clip.at, cut.rate, mark)} --> {_clock(end, cut.rate, mark)}"
        title, prompt = (_line(text) for text in (clip.origin.address or clip.name, clip.origin.prompt))
        yield "\n".join(filter(None, (times, f"{clip.number}  {title}", prompt[:LONGEST])))


def _line(text: str) -> str:
    """On one line, without what ends a caption's times."""
    return " ".join(text.split()).replace("-->", "->")


def _clock(frame: int, rate: Fraction, mark: str) -> str:
    seconds, milliseconds = divmod(round(frame / rate * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{milliseconds:03d}"
