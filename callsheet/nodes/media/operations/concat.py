"""media/concat: videos one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import remux as copying
from callsheet.nodes.media.codec.frames import Planes, Size
from callsheet.nodes.media.codec.reader import Clip, look, pictures
from callsheet.nodes.media.codec.scale import fitted_reel
from callsheet.nodes.media.operation import REEL, REEL_DOC, VIDEOS, facts_of_each, local, reel_facts, total
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import VIDEO


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return reel_facts(params, total(facts_of_each(params, "videos")))


SPEC: Final = local(
    "media/concat",
    "Videos one after the other. Copied without loss when their streams agree, else brought to one form.",
    {
        "videos": VIDEOS,
        **REEL,
    },
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "videos": "At least one. A silent one among sounding ones is silent for its length.",
    **REEL_DOC,
    "video": "As long as all of them together.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
}


def run(job: Job) -> Outputs:
    clips = [look(path) for path in asked.some_files(job, "videos")]
    size, rate = film.common_size(job, clips), film.common_rate(job, clips)
    if all(clip.size == size and clip.rate == rate for clip in clips) and _agree(clips):
        return {"video": copying.joined(job, clips)}
    count = sum(clip.frames(rate) for clip in clips)
    heard = chain.from_iterable(film.heard_of(clip, clip.frames(rate) / rate) for clip in clips)
    sounds = any(clip.sound for clip in clips)
    reel = _one_form(clips, size, rate, asked.text(job, "mode"))
    return {"video": film.write(job, reel, count, size, rate, heard if sounds else None)}


def _agree(clips: Sequence[Clip]) -> bool:
    """Whether the packets of all clips can follow each other as they are."""
    first = copying.signature(clips[0])
    return first is not None and all(copying.signature(clip) == first for clip in clips[1:])


def _one_form(clips: Sequence[Clip], size: Size, rate: Fraction, mode: str) -> Iterator[Planes]:
    for clip in clips:
        yield from fitted_reel(pictures(clip, rate, count=clip.frames(rate)), size, mode)
