"""Reads shot lists from `.storyboarder` files: JSON with one entry for each board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.nodes.http.body import BodyError, parse_object
from callsheet.nodes.text.formats.table import Row, ShotListError, Tell

USUAL_MS: Final = 2000
TEXTS: Final = {"action": "description", "dialogue": "dialogue", "notes": "notes", "url": "image"}


def boards(text: str, _: Tell) -> Iterator[Row]:
    """One row for each board, in order; `line` counts boards."""
    try:
        project = parse_object(text.encode("utf-8", "replace"))
    except BodyError as flaw:
        help = "save it again in Storyboarder"
        raise ShotListError(0, f"the Storyboarder file {flaw}", help) from None
    found = project.get("boards")
    if not isinstance(found, list) or not found:
        help = "give the `.storyboarder` file of a project that has boards"
        raise ShotListError(0, "there is no list of `boards` in it", help)
    for number, board in enumerate(found, 1):
        if not isinstance(board, Mapping):
            raise ShotListError(number, "this board is no object", "save it again in Storyboarder")
        yield Row(number, dict(_cells(board, project)))


def _cells(board: Mapping[str, object], project: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    shot = board.get("shot") or board.get("number")
    if isinstance(shot, str | int) and not isinstance(shot, bool):
        yield "shot", str(shot)
    for name, column in TEXTS.items():
        value = board.get(name)
        if isinstance(value, str) and value.strip():
            yield column, value.strip()
    usual = project.get("defaultBoardTiming")
    length = next((v for v in (board.get("duration"), usual, USUAL_MS) if _is_length(v)), USUAL_MS)
    yield "duration", f"{length} ms"


def _is_length(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6
