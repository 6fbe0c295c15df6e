"""The edit as SRT: the name of each shot while it is shown, to watch beside the film."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from callsheet.runtime.export.cut import EditCut

LONGEST: Final = 200
"""Characters of a prompt that are shown."""


def as_srt(cut: EditCut) -> str:
    """One caption for each shot of the main track: its number, its name and its prompt."""
    blocks = []
    clips = cut.on_track(0)
    for number, clip in enumerate(clips, 1):
        after = clips[number].at if number < len(clips) else clip.end
        times = f"{_clock(clip.at, cut.rate)} --> {_clock(min(clip.end, max(after, clip.at + 1)), cut.rate)}"
        prompt = " ".join(clip.origin.prompt.split())[:LONGEST].replace("-->", "->")
        title = " ".join((clip.origin.address or clip.name).split()).replace("-->", "->")
        blocks.append(
            "\n".join(line for line in (str(number), times, f"{clip.number}  {title}", prompt) if line)
        )
    return "\n\n".join(blocks) + "\n"


def _clock(frame: int, rate: Fraction) -> str:
    seconds, milliseconds = divmod(round(frame / rate * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d},{milliseconds:03d}"
