"""media/contact_sheet: images and videos side by side on one board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import color, still
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import to_image
from callsheet.nodes.media.codec.layout import Layout, layout
from callsheet.nodes.media.codec.reader import Clip, look, pictures
from callsheet.nodes.media.codec.scale import feasible
from callsheet.nodes.media.operation import PICTURES, even_down, facts_of_each, local
from callsheet.nodes.media.probe import identify
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters, Rule
from callsheet.spec.types import IMAGE, INTEGER, STRING, Field, ListOf

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_CELLS: Final = 400
DEFAULT_WIDTH: Final = 1920


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture of the sheet, with its label; note: what its badge says, "" for none."""

    picture: Image
    label: str
    note: str = ""


def _count(params: Parameters) -> int:
    """How many pictures are shown, as far as it is known."""
    frames = asked.known_whole(params, "frames") or 1
    return len(facts_of_each(params, "images")) + len(facts_of_each(params, "videos")) * frames


def _facts(params: Parameters) -> Mapping[str, Facts]:
    images, videos = facts_of_each(params, "images"), facts_of_each(params, "videos")
    first = (images or videos or [Facts()])[0]
    width = asked.known_whole(params, "width") or DEFAULT_WIDTH
    if not (first.width and first.height):
        return {"image": Facts(width=even_down(width))}
    plan = layout(
        _count(params),
        width,
        (first.width, first.height),
        asked.known_whole(params, "columns"),
        bool(params.get("labels")),
        bool(params.get("title")),
    )
    return {"image": Facts(width=plan.size[0], height=plan.size[1])}


def _nothing(params: Parameters) -> bool:
    return all(params.get(name) in (None, [], ()) for name in ("images", "videos"))


SPEC: Final = local(
    "media/contact_sheet",
    "Images and videos side by side on one board, with labels and a title.",
    {
        "images": Field(PICTURES),
        "videos": Field(PICTURES),
        "frames": Field(INTEGER, default=1, minimum=1, maximum=24),
        "labels": Field(ListOf(STRING)),
        "title": Field(STRING, max_length=500),
        "columns": Field(INTEGER, minimum=1, maximum=40),
        "width": Field(INTEGER, default=DEFAULT_WIDTH, minimum=160, maximum=8192),
    },
    {"image": IMAGE},
    _facts,
    [
        Rule(("images", "videos"), "there is nothing to show", "give `images`, `videos` or both", _nothing),
        Rule(
            ("images", "videos", "frames"),
            f"a sheet shows at most {MAX_CELLS} pictures",
            "split them over several sheets, or show fewer `frames` of each video",
            lambda params: _count(params) > MAX_CELLS,
            lambda params: f"a sheet shows at most {MAX_CELLS} pictures, not {_count(params)}",
        ),
    ],
)
DOC: Final = {
    "images": "What to show first.",
    "videos": "What to show after the images; a badge tells the length.",
    "frames": "How many pictures of each video are shown, spread evenly; with one, its middle.",
    "labels": "One for each image and then each video, in any script.",
    "title": "A line at the top.",
    "columns": "How many pictures side by side; about a square board if left out.",
    "width": "Pixels of the whole board; its height follows.",
    "image": "A PNG. Its cells have the shape of the first picture; others are shown whole.",
}
EXAMPLE: Final = {
    "images": '${{ keyframe.images | map("first") }}',
    "labels": "${{ inputs.shots.id }}",
    "title": "Dailies",
}


def run(job: Job) -> Outputs:
    cells = _cells(job)
    title = asked.text(job, "title")
    labelled = any(cell.label for cell in cells)
    plan = layout(
        len(cells),
        asked.whole(job, "width") or DEFAULT_WIDTH,
        cells[0].picture.size,
        asked.whole(job, "columns"),
        labelled,
        bool(title),
    )
    feasible(plan.size, job.address)
    return {"image": Made("image", still.save(_drawn(cells, plan, title), job.workdir / "sheet.png"))}


def _drawn(cells: Sequence[Cell], plan: Layout, title: str) -> Image:
    from callsheet.nodes.media.codec import tiles as board

    sheet = board.empty(plan)
    for i, cell in enumerate(cells):
        board.place(sheet, plan, i, cell.picture)
        if cell.note:
            board.badge(sheet, plan, i, cell.note)
    if title:
        board.write_title(sheet, plan, title, f"{len(cells)} picture{'s' if len(cells) > 1 else ''}")
    if plan.label_size:
        board.write_labels(sheet, plan, [cell.label for cell in cells])
    return sheet


def _cells(job: Job) -> list[Cell]:
    paths = asked.files(job, "images") + asked.files(job, "videos")
    frames = asked.whole(job, "frames") or 1
    count = _count(job.params)
    if not 0 < count <= MAX_CELLS:
        raise NodeError(
            f"{job.address}: a sheet shows 1 to {MAX_CELLS} pictures, not {count}",
            "local",
            "give it `images` or `videos`, or split them over several sheets",
        )
    labels = asked.texts(job, "labels")
    labels += [""] * (len(paths) - len(labels))
    watched = film.watched(job, zip(paths, labels, strict=False), len(paths))
    return [cell for path, label in watched for cell in _cells_of(path, label, frames)]


def _cells_of(path: Path, label: str, frames: int) -> list[Cell]:
    if identify(path) != "video":
        return [Cell(color.plain(still.load(path)), label)]
    clip = look(path)
    places = [clip.seconds * (2 * i + 1) / (2 * frames) for i in range(frames)]
    notes = [_clock(clip.seconds) if frames == 1 else _clock(place) for place in places]
    return [Cell(_at(clip, place), label, note) for place, note in zip(places, notes, strict=True)]


def _at(clip: Clip, seconds: Fraction) -> Image:
    return to_image(next(pictures(clip, start=seconds, count=1)))


def _clock(seconds: Fraction) -> str:
    minutes, rest = divmod(round(float(seconds), 1), 60)
    return f"{int(minutes)}:{rest:04.1f}" if minutes else f"{rest:.1f} s"
