"""media/grid: videos side by side in one picture, with labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import Planes, Size, of_image
from callsheet.nodes.media.codec.layout import Layout, layout
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.operation import FPS, PICTURES, any_sound, facts_of_each, local
from callsheet.nodes.media.timeline.build import source_of
from callsheet.nodes.media.timeline.model import Cell, Cut, Timeline, Track
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import INTEGER, NUMBER, STRING, VIDEO, Field, ListOf

DEFAULT_WIDTH: Final = 1920
STILL_SECONDS: Final = Fraction(4)
MAX_CELLS: Final = 64
SLATE: Final = (34, 127, 129)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "videos")
    lengths = [facts.seconds for facts in each]
    longest = None if None in lengths else max((s for s in lengths if s is not None), default=None)
    seconds = asked.known(params, "seconds") or longest
    rates = [facts.fps for facts in each if facts.fps]
    fps = asked.known(params, "fps") or (rates[0] if rates else None)
    size = _predicted_size(params, each)
    sound = params.get("sound")
    heard = any_sound(each[sound : sound + 1]) if isinstance(sound, int) else False
    return {"video": Facts(seconds, *size, fps, heard)}


def _predicted_size(params: Parameters, each: Sequence[Facts]) -> tuple[int | None, int | None]:
    if not each or not (each[0].width and each[0].height):
        return None, None
    plan = layout(
        len(each),
        asked.known_whole(params, "width") or DEFAULT_WIDTH,
        (each[0].width, each[0].height),
        asked.known_whole(params, "columns"),
        bool(params.get("labels")),
        title=False,
    )
    return plan.size


SPEC: Final = local(
    "media/grid",
    "Videos or images side by side in one video, with labels; a shorter one holds its last frame.",
    {
        "videos": Field(PICTURES, required=True, min_items=1, max_items=MAX_CELLS),
        "labels": Field(ListOf(STRING)),
        "columns": Field(INTEGER, minimum=1, maximum=16),
        "width": Field(INTEGER, default=DEFAULT_WIDTH, minimum=160, maximum=8192),
        "seconds": Field(NUMBER, minimum=0.05, maximum=3600),
        "fps": FPS,
        "sound": Field(INTEGER, minimum=0, maximum=MAX_CELLS - 1),
    },
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "videos": "Videos or images, at least one. The cells have the shape of the first; others get bars.",
    "labels": "One for each, in any script.",
    "columns": "How many side by side; about as many as rows if left out.",
    "width": "Pixels of the whole picture; its height follows.",
    "seconds": "Length of the result. The longest video's if left out, 4 when there are only images.",
    "fps": "Frames per second of the result. The first video's if left out, 24 when there are only images.",
    "sound": "Which one is heard, counted from 0. None if left out.",
    "video": "The grid.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
    "labels": "${{ inputs.shots.id }}",
    "columns": "3",
}


def run(job: Job) -> Outputs:
    shown = [source_of(artifact) for artifact in asked.artifacts(job, "videos")]
    asked.some_files(job, "videos")
    moving = [clip for clip in shown if isinstance(clip, Clip)]
    rate = film.common_rate(job, moving)
    longest = max((clip.seconds for clip in moving), default=STILL_SECONDS)
    count = max(1, round((asked.maybe_number(job, "seconds") or longest) * rate))
    plan = _plan(job, shown[0].size, len(shown))
    heard = _heard(job, len(shown))
    tracks = tuple(
        Track((Cut(clip, 0, count, heard=i == heard),), Cell(corner, plan.cell))
        for i, (clip, corner) in enumerate(zip(shown, plan.corners, strict=True))
    )
    timeline = Timeline(plan.size, rate, count, tracks, behind=SLATE, board=_board(job, plan, len(shown)))
    return {"video": render(job, timeline)}


def _plan(job: Job, shape: Size, count: int) -> Layout:
    width, columns = asked.whole(job, "width") or DEFAULT_WIDTH, asked.whole(job, "columns")
    return layout(count, width, shape, columns, bool(asked.texts(job, "labels")), title=False)


def _board(job: Job, plan: Layout, count: int) -> Planes:
    from callsheet.nodes.media.codec import tiles as board

    labels = asked.texts(job, "labels")
    bare = board.empty(plan)
    if labels:
        board.write_labels(bare, plan, (labels + [""] * count)[:count])
    return of_image(bare)


def _heard(job: Job, count: int) -> int | None:
    """The number of the one that is heard, None for none."""
    chosen = asked.whole(job, "sound")
    if chosen is not None and chosen >= count:
        raise NodeError(
            f"{job.address}: `sound` is {chosen}, but there are {count} videos, counted from 0", "local"
        )
    return chosen
