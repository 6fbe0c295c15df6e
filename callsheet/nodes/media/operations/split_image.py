"""media/split_image: the pictures of a grid, such as a storyboard of nine in one image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import color, still
from callsheet.nodes.media.codec.frames import Size
from callsheet.nodes.media.operation import facts_of, local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import IMAGE, INTEGER, Field, ListOf

MOST: Final = 20
LEAST: Final = 16
"""Pixels of each side of a picture, at least."""


def _cell(size: Size, columns: int, rows: int, gutter: int) -> Size:
    """The size of each picture; below 1 where there is no place for them."""
    return (size[0] - gutter * (columns - 1)) // columns, (size[1] - gutter * (rows - 1)) // rows


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "image")
    columns, rows = (asked.known_whole(params, name) for name in ("columns", "rows"))
    if not (given.width and given.height and columns and rows):
        return {"images": Facts()}
    gutter = asked.known_whole(params, "gutter") or 0
    width, height = _cell((given.width, given.height), columns, rows, gutter)
    return {"images": Facts(width=max(1, width), height=max(1, height))}


SPEC: Final = local(
    "media/split_image",
    "The pictures of a grid, each as an image of its own: nine of three by three.",
    {
        "image": Field(IMAGE, required=True),
        "columns": Field(INTEGER, default=3, minimum=1, maximum=MOST),
        "rows": Field(INTEGER, default=3, minimum=1, maximum=MOST),
        "gutter": Field(INTEGER, default=0, minimum=0, maximum=1000),
    },
    {"images": ListOf(IMAGE)},
    _facts,
)
DOC: Final = {
    "image": "The grid.",
    "columns": "How many pictures are side by side.",
    "rows": "How many are above each other.",
    "gutter": "Pixels between two pictures, which belong to neither.",
    "images": "The pictures, row by row from the left, all of one size, as PNG. An axis can run over them.",
}
EXAMPLE: Final = {
    "image": "${{ board.images[0] }}",
    "columns": "3",
    "rows": "3",
}


def run(job: Job) -> Outputs:
    image = color.plain(still.load(asked.file(job, "image")))
    columns, rows, gutter = (round(asked.number(job, name)) for name in ("columns", "rows", "gutter"))
    width, height = _cell(image.size, columns, rows, gutter)
    if min(width, height) < LEAST:
        raise NodeError(
            f"{job.address}: {image.width}x{image.height} pixels are too few for {columns}x{rows} pictures",
            "local",
            "ask for fewer `columns` and `rows`, or a smaller `gutter`",
        )
    made = []
    for number in range(columns * rows):
        row, column = divmod(number, columns)
        left = round(column * (image.width + gutter) / columns)
        top = round(row * (image.height + gutter) / rows)
        piece = image.crop((left, top, left + width, top + height))
        made.append(Made("image", still.save(piece, job.workdir / f"{number + 1}.png")))
    return {"images": made}
