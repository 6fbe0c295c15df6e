"""media/concat: videos one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from callsheet.spec.types import BOOLEAN, VIDEO, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "videos")
    facts = reel_facts(params, total(each))
    film = facts["video"]
    if params.get("drop_first") is not True or film.seconds is None:
        return facts
    dropped = (len(each) - 1) / film.fps if film.fps else None
    return {"video": replace(film, seconds=None if dropped is None else round(film.seconds - dropped, 6))}


SPEC: Final = local(
    "media/concat",
    "Videos one after the other. Copied without loss when their streams agree, else brought to one form.",
    {
        "videos": VIDEOS,
        **REEL,
        "drop_first": Field(BOOLEAN),
    },
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "videos": "At least one. A silent one among sounding ones is silent for its length.",
    **REEL_DOC,
    "drop_first": "Whether to leave out the first picture of each video after the first, where the one"
    " before it ends with the same picture. No if left out.",
    "video": "As long as all of them together.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
}


def run(job: Job) -> Outputs:
    clips = [look(path) for path in asked.some_files(job, "videos")]
    size, rate = film.common_size(job, clips), film.common_rate(job, clips)
    dropped = asked.flag(job, "drop_first")
    if not dropped and all(clip.size == size and clip.rate == rate for clip in clips) and _agree(clips):
        return {"video": copying.joined(job, clips)}
    parts = [_Part(clip, rate, 1 if dropped and i else 0) for i, clip in enumerate(clips)]
    count = sum(part.count for part in parts)
    heard = chain.from_iterable(film.heard_of(p.clip, p.count / rate, p.start) for p in parts)
    sounds = any(clip.sound for clip in clips)
    reel = chain.from_iterable(part.pictures(size, asked.text(job, "mode")) for part in parts)
    return {"video": film.write(job, reel, count, size, rate, heard if sounds else None)}


@dataclass(frozen=True, slots=True)
class _Part:
    """One video in the film. rate: of the film, frames per second. skipped: pictures left out before it."""

    clip: Clip
    rate: Fraction
    skipped: int

    @property
    def start(self) -> Fraction:
        """Where it begins, in seconds of the video."""
        return self.skipped / self.rate

    @property
    def count(self) -> int:
        return max(1, self.clip.frames(self.rate) - self.skipped)

    def pictures(self, size: Size, mode: str) -> Iterator[Planes]:
        return fitted_reel(pictures(self.clip, self.rate, self.start, self.count), size, mode)


def _agree(clips: Sequence[Clip]) -> bool:
    """Whether the packets of all clips can follow each other as they are."""
    first = copying.signature(clips[0])
    return first is not None and all(copying.signature(clip) == first for clip in clips[1:])
