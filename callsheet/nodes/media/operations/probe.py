"""media/probe: the facts of a media file, as values for expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec.ffmpeg import container_of
from callsheet.nodes.media.operation import local
from callsheet.nodes.media.probe import probe
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import BOOLEAN, FILE, INTEGER, NUMBER, STRING, Field, Maybe


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {}


SPEC: Final = local(
    "media/probe",
    "What a media file is: its kind, length, size, rate and sound.",
    {"media": Field(FILE, required=True)},
    {
        "kind": STRING,
        "container": STRING,
        "seconds": Maybe(NUMBER),
        "width": Maybe(INTEGER),
        "height": Maybe(INTEGER),
        "fps": Maybe(NUMBER),
        "audio": BOOLEAN,
    },
    _facts,
)
DOC: Final = {
    "media": "An image, a video or a sound.",
    "kind": "`image`, `video` or `audio`, by the bytes of the file.",
    "container": "PNG, JPEG, WebP, MP4, WebM, WAV, MP3, …",
    "seconds": "Length; absent for an image.",
    "width": "Pixels as displayed, rotation applied; absent for a sound.",
    "height": "Pixels as displayed, rotation applied; absent for a sound.",
    "fps": "Frames per second, the average of a variable rate; only for a video.",
    "audio": "Whether there is sound.",
}
EXAMPLE: Final = {
    "media": "${{ clip.video }}",
}


def run(job: Job) -> Outputs:
    path = asked.file(job, "media")
    container, found = container_of(path), probe(path)
    known = {
        "seconds": found.seconds,
        "width": found.width,
        "height": found.height,
        "fps": found.fps,
    }
    return {
        "kind": container.kind,
        "container": container.name,
        **{name: value for name, value in known.items() if value is not None},
        "audio": bool(found.audio),
    }
