"""A joined film tells which instance and take is where, in frames and samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import callsheet
from callsheet.cli.main import main
from callsheet.runtime.project_state import project_state
from callsheet.runtime.shots import FilmShot, shots_of
from callsheet.runtime.workspace import Workspace

FILM = """
callsheet: 1
name: film
axes:
  shot: [a, b]
nodes:
  clip:
    each: shot
    uses: media/image_to_video
    with: {image: "${{ inputs.still }}", seconds: "${{ 1 if shot == 'a' else 0.5 }}", width: 64, height: 36}
  part: {each: shot, uses: media/trim, with: {video: "${{ clip.video }}", start: 0.25}}
  act: {uses: media/concat, with: {videos: "${{ part.video }}"}}
  film: {uses: media/crossfade, with: {videos: ["${{ act.video }}", ./own.mp4], seconds: 0.125}}
  told: {uses: media/mux, with: {video: "${{ film.video }}"}}
inputs: {still: {type: image, default: ./still.png}}
outputs: {film: "${{ told.video }}"}
"""


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(["explain", "film.yaml", *words])
    assert not left.value.code
    return capsys.readouterr().out


def test_explain_names_the_shots_of_a_film(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (64, 36), (90, 10, 10)).save("still.png")
    Path("film.yaml").write_text(FILM.replace(", ./own.mp4", ""), encoding="utf-8")
    callsheet.run("film.yaml")
    out = explained(capsys, "told")
    assert 'shot 1 at 0.000 s, 18 frames: clip["0"]\nshot 2 at 0.750 s, 6 frames: clip["1"]\n' in out
    assert "shot 1" not in explained(capsys, 'clip["0"]')
    told = json.loads(explained(capsys, "told", "--json"))["shots"]
    assert [(s["number"], s["address"], s["frame"], s["frames"]) for s in told] == [
        (1, 'clip["0"]', 0, 18),
        (2, 'clip["1"]', 18, 6),
    ]


def test_every_shot_has_its_address_its_frames_and_its_samples(in_folder: Path) -> None:
    Image.new("RGB", (64, 36), (90, 10, 10)).save("still.png")
    Path("film.yaml").write_text(FILM.replace(", ./own.mp4", ""), encoding="utf-8")
    callsheet.run("film.yaml")
    Path("own.mp4").write_bytes(Path("out/film/parts/clip-01.mp4").read_bytes())
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    callsheet.run("film.yaml")
    graph = callsheet.load("film.yaml")
    state = project_state(graph, Workspace())
    found = shots_of(state.graph, state.outputs, "told")
    assert [(one.address, one.take, one.number) for one in found] == [
        ('clip["0"]', 1, 1),
        ('clip["1"]', 1, 2),
        ("", 1, 3),
    ]
    assert [(s.frame, s.frames, s.start) for s in (one.shot for one in found)] == [
        (0, 18, 0.25),
        (18, 6, 0.25),
        (21, 12, 0.0),
    ]
    assert all(one.shot.sample == one.shot.frame * 2000 for one in found)
    assert shots_of(state.graph, state.outputs, 'clip["0"]') == []
    assert isinstance(found[0], FilmShot)
