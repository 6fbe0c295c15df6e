"""media/concat_audio: sounds one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.operation import facts_of_each, local, total
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import AUDIO, NUMBER, Field, ListOf

if TYPE_CHECKING:
    from av import AudioFrame


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "audios")
    seconds = total(each)
    gaps = (asked.known(params, "gap") or 0.0) * (len(each) - 1)
    return {"audio": Facts(None if seconds is None else seconds + gaps, audio=True)}


SPEC: Final = local(
    "media/concat_audio",
    "Sounds one after the other, such as the lines of a narration.",
    {
        "audios": Field(ListOf(AUDIO), required=True, min_items=1),
        "gap": Field(NUMBER, default=0, minimum=0, maximum=600),
    },
    {"audio": AUDIO},
    _facts,
)
DOC: Final = {
    "audios": "At least one.",
    "gap": "Seconds of silence between two of them.",
    "audio": "A WAV file (48 kHz, stereo).",
}
EXAMPLE: Final = {
    "audios": "${{ line.audio }}",
    "gap": "0.5",
}


def run(job: Job) -> Outputs:
    paths = asked.some_files(job, "audios")
    heard = in_turn(film.watched(job, paths, len(paths)), asked.number(job, "gap"))
    return {"audio": Made("audio", write_sound(job.workdir / "sound.wav", sound.numbered(heard)))}


def in_turn(paths: Iterable[Path], gap: float) -> Iterator[AudioFrame]:
    """Sound files one after the other with `gap` seconds of silence between them."""
    for i, path in enumerate(paths):
        if i and gap:
            yield from sound.silence(gap)
        yield from sound.of_file(path)
