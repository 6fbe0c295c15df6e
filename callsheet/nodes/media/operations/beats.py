"""media/beats: when the beats of music are, as lists that a film can be cut to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.operation import local
from callsheet.nodes.media.sound.asked import span_of
from callsheet.nodes.media.sound.beats import FASTEST, SLOWEST, Beats, beats
from callsheet.nodes.media.sound.onsets import onsets, rises
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import AUDIO, INTEGER, NUMBER, VIDEO, Field, ListOf, OneOf

USUAL: Final = 120.0
"""Beats a minute where none are found."""
LOUDER: Final = 1.15
"""How many times as strong in the bass beats must be, to be cut on instead of the row of the first one."""
FIRST: Final = 0.5
"""Share of the usual distance between two cuts that lies before the first of them at least."""
DIGITS: Final = 6


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {}


SPEC: Final = local(
    "media/beats",
    "When the beats of music are, and where its sounds begin, as lists of times to cut a film to.",
    {
        "audio": Field(OneOf((AUDIO, VIDEO)), required=True),
        "bpm": Field(NUMBER, minimum=SLOWEST, maximum=FASTEST),
        "every": Field(INTEGER, default=1, minimum=1, maximum=64),
        "count": Field(INTEGER, minimum=1, maximum=10_000),
    },
    {
        "beats": ListOf(NUMBER),
        "onsets": ListOf(NUMBER),
        "bpm": NUMBER,
        "cuts": ListOf(NUMBER),
        "lengths": ListOf(NUMBER),
    },
    _facts,
)
DOC: Final = {
    "audio": "Music, or a video with music.",
    "bpm": "About how many beats there are in a minute, if it is known; else it is found. As an output, how"
    " many there are.",
    "every": "Cut on every so many beats. Those with the strongest bass are taken, such as the first of each"
    " bar.",
    "count": "How many cuts are wanted, such as the number of clips. Beats go on after the end of the music"
    " if they must. All that the music has if left out.",
    "beats": "The times of all beats, in seconds. Music without a beat has an even grid of `bpm`, or of"
    f" {USUAL:g}, and the run says so.",
    "onsets": "The times at which something begins to sound, in seconds.",
    "cuts": "The times of the beats to cut on, in seconds. The beginning is none of them.",
    "lengths": "Seconds from the beginning to the first cut, and from each cut to the next: `seconds` of"
    " `media/concat`.",
}
EXAMPLE: Final = {
    "audio": "${{ song.audio }}",
    "every": "4",
    "count": "12",
}


def run(job: Job) -> Outputs:
    path = asked.file(job, "audio")
    origin, seconds = span_of(path)
    found = rises(sound.of_file(path, origin))
    wanted = asked.maybe_number(job, "bpm")
    known = beats(found, wanted)
    if known is None:
        tempo = wanted or USUAL
        job.tell(f"no beat was found, so there are {tempo:g} even ones a minute")
        known = _even(tempo, seconds)
    cuts = _cuts(known, asked.whole(job, "every") or 1, asked.whole(job, "count"))
    return {
        "beats": _rounded(known.times),
        "onsets": _rounded(onsets(found.all)),
        "bpm": round(60 / known.period, 2),
        "cuts": cuts,
        "lengths": _rounded([b - a for a, b in pairwise([0.0, *cuts])]),
    }


def _rounded(times: Sequence[float]) -> list[float]:
    return [round(time, DIGITS) for time in times]


def _even(bpm: float, seconds: Fraction) -> Beats:
    """Beats of a tempo from the beginning to the end."""
    period = 60 / bpm
    count = max(1, int(seconds / Fraction(period)) + 1)
    return Beats(tuple(i * period for i in range(count)), period, (1.0,) * count)


def _cuts(found: Beats, every: int, count: int | None) -> list[float]:
    """Every so many beats from the strong ones on, as many as are asked for."""
    first = _strong(found.accents, every)
    while _time(found, first) < FIRST * every * found.period:
        first += every
    total = count if count is not None else max(0, -(-(len(found.times) - first) // every))
    return _rounded([_time(found, first + i * every) for i in range(total)])


def _strong(accents: Sequence[float], every: int) -> int:
    """The number of the first beat to cut on: of those whose row has the most bass."""
    rows = [accents[i::every] for i in range(min(every, len(accents)))]
    usual = [median(row) for row in rows]
    best = max(range(len(usual)), key=usual.__getitem__)
    return best if usual[best] > LOUDER * usual[0] else 0


def _time(found: Beats, number: int) -> float:
    """The time of a beat, also of one after the last."""
    over = number - len(found.times) + 1
    return found.times[number] if over <= 0 else found.times[-1] + over * found.period
