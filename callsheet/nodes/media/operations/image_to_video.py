"""media/image_to_video: a still held, or moved over, for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import Box, Planes, Size, of_image, resized
from callsheet.nodes.media.codec.scale import fitted
from callsheet.nodes.media.codec.timing import rate_of
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.operations.fit import FIT_DOC, FIT_INPUTS, FIT_RULES, predicted, size_for
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import IMAGE, NUMBER, VIDEO, Choice, Field

MOVES: Final = ("hold", "zoom_in", "zoom_out", "pan_left", "pan_right")
REACH: Final = 0.12


def _facts(params: Parameters) -> Mapping[str, Facts]:
    width, height = predicted(params, facts_of(params, "image")) or (None, None)
    fps = asked.known(params, "fps") or 24.0
    return {"video": Facts(asked.known(params, "seconds"), width, height, fps, audio=False)}


SPEC: Final = local(
    "media/image_to_video",
    "A still image as a video: held, or with a slow move over it.",
    {
        "image": Field(IMAGE, required=True),
        "seconds": Field(NUMBER, default=4, minimum=0.05, maximum=3600),
        "move": Field(Choice(MOVES), default="hold"),
        "fps": Field(NUMBER, default=24, minimum=1, maximum=120),
        **FIT_INPUTS,
    },
    {"video": VIDEO},
    _facts,
    FIT_RULES,
    roles={"image": "first_frame"},
)
DOC: Final = {
    "image": "The still.",
    "seconds": "Length of the video.",
    "move": "`hold`, `zoom_in`, `zoom_out`, `pan_left` or `pan_right`: where the camera goes.",
    "fps": "Frames per second.",
    **FIT_DOC,
    "video": "A silent video.",
}
EXAMPLE: Final = {
    "image": "${{ title.images[0] }}",
    "seconds": "3",
    "move": "zoom_in",
}


def run(job: Job) -> Outputs:
    image = still.load(asked.file(job, "image"))
    size = size_for(job, image.size)
    rate = rate_of(asked.number(job, "fps"))
    count = max(1, round(asked.number(job, "seconds") * rate))
    plate = fitted(of_image(image), size, asked.text(job, "mode"))
    reel = _moved(plate, asked.text(job, "move"), count)
    return {"video": film.write(job, reel, count, size, rate)}


def _moved(plate: Planes, move: str, count: int) -> Iterator[Planes]:
    for i in range(count):
        share = i / max(1, count - 1)
        yield plate if move == "hold" else resized(plate, plate[0].size, view(move, plate[0].size, share))


def view(move: str, size: Size, share: float) -> Box:
    """What the camera sees when `share` (0..1) of the move is done; eased at both ends."""
    eased = share * share * (3 - 2 * share)
    forth = 1 - eased if move in ("zoom_out", "pan_left") else eased
    if move.startswith("zoom"):
        inset_x, inset_y = (length * REACH / 2 * forth for length in size)
        return inset_x, inset_y, size[0] - inset_x, size[1] - inset_y
    width, height = (length * (1 - REACH) for length in size)
    left, top = (size[0] - width) * forth, (size[1] - height) / 2
    return left, top, left + width, top + height
