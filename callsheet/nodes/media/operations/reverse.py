"""media/reverse: a video backwards."""

from __future__ import annotations

from typing import Final

from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.operation import local, same_film
from callsheet.nodes.media.timeline.retimed import reversed_film
from callsheet.spec.node import Job, Outputs
from callsheet.spec.types import VIDEO, Field

SPEC: Final = local(
    "media/reverse",
    "A video backwards, picture and sound.",
    {"video": Field(VIDEO, required=True)},
    {"video": VIDEO},
    same_film,
)
DOC: Final = {"video": "The video; as an output, the same from its end to its beginning."}
EXAMPLE: Final = {"video": "${{ clip.video }}"}


def run(job: Job) -> Outputs:
    return {"video": reversed_film(job, film.clips(job, "video")[0])}
