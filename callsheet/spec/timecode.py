"""Time code: frames as `01:00:04:12`, with dropped numbers at 29.97 and 59.94 frames a second (SMPTE 12M)."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from callsheet.errors import InputError

DROPPING: Final = (Fraction(30_000, 1001), Fraction(60_000, 1001))
CODE: Final = re.compile(r"(\d\d):(\d\d):(\d\d)([:;])(\d\d)")


def is_dropping(rate: Fraction) -> bool:
    """Whether the time code of this rate leaves numbers out, so that it stays with the clock."""
    return rate in DROPPING


def timecode(frame: int, rate: Fraction) -> str:
    """The time code of a frame. It starts again after 24 hours."""
    nominal = max(1, round(rate))
    number = _dropped(frame, nominal) if is_dropping(rate) else frame
    seconds, frames = divmod(number, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    mark = ";" if is_dropping(rate) else ":"
    return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:02d}"


def _dropped(frame: int, nominal: int) -> int:
    """The number that a frame has when the first numbers of each minute, but every tenth, are left out."""
    drop = nominal // 15
    minute, ten = nominal * 60 - drop, nominal * 600 - 9 * drop
    tens, rest = divmod(frame, ten)
    return frame + tens * 9 * drop + (max(0, (rest - drop) // minute) * drop if rest >= drop else 0)


def frame_of(text: str, rate: Fraction) -> int:
    """The frame that a time code names. Raises InputError for what is none at this rate."""
    nominal, found = round(rate), CODE.fullmatch(text.strip())
    step = "write hours, minutes, seconds and frames: 01:00:00:00"
    if found is None:
        raise InputError(f"{text} is no time code", step)
    hours, minutes, seconds, frames = (int(found[i]) for i in (1, 2, 3, 5))
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        raise InputError(f"{text} is no time code at {float(rate):g} frames a second", step)
    number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if not is_dropping(rate):
        return number
    drop, whole = nominal // 15, hours * 60 + minutes
    if seconds == 0 and frames < drop and minutes % 10:
        raise InputError(
            f"{text} is a number that drop-frame time code leaves out", f"write frames from {drop:02d}"
        )
    return number - drop * (whole - whole // 10)


def counted(frame: int, rate: Fraction, other: Fraction) -> int:
    """The number at another rate of the frame with the same hours, minutes and seconds."""
    if rate == other:
        return frame
    clock, _, frames = timecode(frame, rate).replace(";", ":").rpartition(":")
    there = int(frames) * round(other) // round(rate)
    try:
        return frame_of(f"{clock}:{there:02d}", other)
    except InputError:  # a number that drop-frame time code leaves out
        return frame_of(f"{clock}:{there + round(other) // 15:02d}", other)
