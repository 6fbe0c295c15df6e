"""A Storyboarder project as the list of an input: each board with its drawing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from callsheet.runtime.check import Checked, check
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.workspace import Workspace
from callsheet.spec.values import LocalFile, leaves

FILM = """
callsheet: 1
name: boards
inputs:
  boards:
    type: list
    items: {ITEMS}
    default: ./story/film.storyboarder
axes:
  board: {over: "${{ inputs.boards }}", key: "${{ board.id }}"}
nodes:
  clip:
    each: board
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ board.description | default('it moves') }}", image_url: "${{ board.drawing }}"}
outputs:
  clips: ${{ clip.video }}
"""
ITEMS = (
    "id: string, description: string?, dialogue: string?, notes: string?, duration: number, drawing: image"
)
LAYERED = {"pencil": {"url": "board-2-B-pencil.png"}, "notes": {"url": "board-2-B-notes.png"}}
BOARDS: list[dict[str, object]] = [
    {"uid": "A", "url": "board-1-A.png", "shot": "1A", "action": "The keeper climbs.", "duration": 4000},
    {"uid": "B", "url": "board-2-B.png", "shot": "1B", "dialogue": "Nobody comes.", "layers": LAYERED},
]
PICTURES = ("board-1-A.png", "board-2-B-pencil.png", "board-2-B-posterframe.jpg", "board-2-B-thumbnail.png")


@pytest.fixture(autouse=True)
def project(in_folder: Path) -> None:
    Path("story/images").mkdir(parents=True)
    for i, name in enumerate(PICTURES):
        Image.new("RGB", (640, 360), (i, 9, 9)).save(f"story/images/{name}")


def checked(boards: object = BOARDS, items: str = ITEMS, **more: object) -> Checked:
    content = {"version": "3.0.0", "defaultBoardTiming": 2500, **more, "boards": boards}
    Path("story/film.storyboarder").write_text(json.dumps(content, indent=1), encoding="utf-8")
    Path("film.yaml").write_text(FILM.replace("ITEMS", items), encoding="utf-8")
    return check("film.yaml")


def drawings(found: Checked) -> dict[str, str]:
    assert found.graph is not None, [d.message for d in found.diagnostics]
    return {a: next(leaves(i.params, LocalFile)).path.name for a, i in found.graph.instances.items()}


def said(found: Checked) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in found.diagnostics]


def test_boards_bring_their_drawings() -> None:
    """A single layer is the drawing; of several, the flattened picture that Storyboarder keeps is."""
    found = checked()
    assert said(found) == []
    assert drawings(found) == {'clip["1A"]': "board-1-A.png", 'clip["1B"]': "board-2-B-posterframe.jpg"}


def test_a_thumbnail_is_better_than_one_of_the_layers() -> None:
    Path("story/images/board-2-B-posterframe.jpg").unlink()
    Image.new("RGB", (64, 36)).save("story/images/board-2-B.png")
    assert drawings(checked())['clip["1B"]'] == "board-2-B-thumbnail.png"


def test_another_drawing_is_another_request_of_its_board_alone() -> None:
    graph = checked().graph
    assert graph is not None
    before = {f.step.address: f.key for f in dry_run(graph, Workspace()).forecasts}
    Image.new("RGB", (640, 360), "red").save("story/images/board-1-A.png")
    again = check("film.yaml").graph
    assert again is not None
    after = {f.step.address: f.key for f in dry_run(again, Workspace()).forecasts}
    assert [a for a in before if before[a] != after[a]] == ['clip["1A"]']


def test_the_fields_of_a_board() -> None:
    items = f"{ITEMS}, number: integer, shot: string?"
    text = FILM.replace("ITEMS", items).replace(
        "${{ board.description | default('it moves') }}",
        "${{ board.number }}|${{ board.shot }}|${{ board.duration }}|${{ board.dialogue | default('-') }}",
    )
    checked()
    Path("film.yaml").write_text(text, encoding="utf-8")
    graph = check("film.yaml").graph
    assert graph is not None
    assert [i.params["prompt"] for i in graph.instances.values()] == ["1|1A|4|-", "2|1B|2.5|Nobody comes."]


def test_a_drawing_that_is_not_there_is_named() -> None:
    for name in PICTURES[1:]:
        Path("story/images", name).unlink()
    found = checked()
    assert found.graph is None
    codes = dict(said(found))
    assert codes["storyboard"] == "there is no drawing of board 2 in images/"
    assert all("story" in str(d.span.source.path) for d in found.diagnostics)


def test_what_is_left_out_is_named() -> None:
    loud = [{**BOARDS[0], "audio": {"filename": "wind.wav"}, "notes": "wide"}, BOARDS[1]]
    found = checked(loud, "id: string, description: string?, drawing: image")
    assert said(found) == [
        ("storyboard", "left out: `notes` of board 1; audio of board 1; `dialogue` of board 2")
    ]


@pytest.mark.parametrize(
    ("boards", "message"),
    [
        ([], "there is no list of `boards` in it"),
        ("none", "there is no list of `boards` in it"),
        ([BOARDS[0], 3], "this board is no object"),
    ],
)
def test_what_is_no_project(boards: object, message: str) -> None:
    found = checked(boards)
    assert found.graph is None and ("list-file", message) in said(found)


@pytest.mark.parametrize("url", ["../../secret.png", "/etc/secret.png", "..\\..\\secret.png", "", 7, None])
def test_a_board_names_no_file_elsewhere(url: Any) -> None:
    Image.new("RGB", (64, 36)).save("secret.png")
    found = checked([{**BOARDS[0], "url": url}])
    assert found.graph is None and dict(said(found))["storyboard"].startswith(
        "there is no drawing of board 1"
    )


def test_odd_lengths_are_the_usual_one() -> None:
    for odd in (0, -5, "long", None, 1e300, True):
        found = checked([{**BOARDS[0], "duration": odd}], defaultBoardTiming=odd)
        assert found.graph is not None


def test_what_is_no_json() -> None:
    checked()
    Path("story/film.storyboarder").write_text("{boards: [a", encoding="utf-8")
    found = check("film.yaml")
    assert found.graph is None and found.diagnostics[0].code == "list-file"
