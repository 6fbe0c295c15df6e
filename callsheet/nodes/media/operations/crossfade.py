"""media/crossfade: videos that melt into each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.audio_buffer import AudioBuffer
from callsheet.nodes.media.codec.frames import Planes, blended
from callsheet.nodes.media.codec.reader import Clip, look, pictures
from callsheet.nodes.media.codec.scale import fitted_reel
from callsheet.nodes.media.operation import REEL, REEL_DOC, VIDEOS, facts_of_each, local, reel_facts, total
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import NUMBER, VIDEO, Field

if TYPE_CHECKING:
    from av import AudioFrame


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "videos")
    sum_of_all, overlap = total(each), asked.known(params, "seconds")
    if sum_of_all is None or overlap is None:
        return reel_facts(params, None)
    return reel_facts(params, max(0.0, sum_of_all - overlap * (len(each) - 1)))


SPEC: Final = local(
    "media/crossfade",
    "Videos one after the other, each melting into the next, picture and sound.",
    {
        "videos": VIDEOS,
        "seconds": Field(NUMBER, default=1, minimum=0.04, maximum=30),
        **REEL,
    },
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "videos": "At least one; each must be long enough for its crossfades.",
    "seconds": "How long a crossfade lasts; every one shortens the film by this.",
    **REEL_DOC,
    "video": "The film.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
    "seconds": "0.5",
}


def run(job: Job) -> Outputs:
    clips = [look(path) for path in asked.some_files(job, "videos")]
    size, rate = film.common_size(job, clips), film.common_rate(job, clips)
    overlap = max(1, round(asked.number(job, "seconds") * rate))
    counts = [clip.frames(rate) for clip in clips]
    _long_enough(job, clips, counts, overlap)
    mode = asked.text(job, "mode")
    reels = [fitted_reel(pictures(c, rate, count=n), size, mode) for c, n in zip(clips, counts, strict=True)]
    total_count = sum(counts) - overlap * (len(clips) - 1)
    heard = None
    if any(clip.sound for clip in clips):
        heard = _melted(clips, [n / rate for n in counts], overlap / rate)
    return {"video": film.write(job, _dissolved(reels, counts, overlap), total_count, size, rate, heard)}


def _long_enough(job: Job, clips: Sequence[Clip], counts: Sequence[int], overlap: int) -> None:
    seconds = asked.number(job, "seconds")
    for i, (clip, count) in enumerate(zip(clips, counts, strict=True)):
        sides = (i > 0) + (i < len(clips) - 1)
        if count < overlap * sides:
            raise NodeError(
                f"{job.address}: video {i + 1} is {float(clip.seconds):g} s long, "
                f"too short for {sides} crossfade{'s' if sides > 1 else ''} of {seconds:g} s",
                "local",
                "choose fewer `seconds`",
            )


def _dissolved(reels: Sequence[Iterator[Planes]], counts: Sequence[int], overlap: int) -> Iterator[Planes]:
    current, left = reels[0], counts[0]
    for following, count in zip(reels[1:], counts[1:], strict=True):
        yield from islice(current, left - overlap)
        for i, (old, new) in enumerate(zip(islice(current, overlap), following, strict=False), 1):
            yield blended(old, new, i / (overlap + 1))
        current, left = following, count - overlap
    yield from current


def _melted(clips: Sequence[Clip], lengths: Sequence[Fraction], overlap: Fraction) -> Iterator[AudioFrame]:
    tapes = [AudioBuffer(film.heard_of(clip, length)) for clip, length in zip(clips, lengths, strict=True)]
    current, left = tapes[0], lengths[0]
    for following, length in zip(tapes[1:], lengths[1:], strict=True):
        yield from current.take(left - overlap)
        fade = f"d={float(overlap):.6f}:curve=qsin"
        old = sound.through(current.take(overlap), ("afade", f"t=out:{fade}"))
        new = sound.through(following.take(overlap), ("afade", f"t=in:{fade}"))
        yield from sound.mixed([old, new])
        current, left = following, length - overlap
    yield from current.take(left)
