"""A film whose shots a language model writes previews whole, and a person may answer in its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import callsheet
from tests.conftest import Typed

FILM = """
callsheet: 1
name: film
inputs:
  people:
    - {id: keeper, face: "an old keeper", voice: Deep_Voice_Man}
    - {id: pilot, face: "a young pilot", voice: Lively_Girl}
axes:
  person: {over: "${{ inputs.people }}", key: "${{ person.id }}"}
  line: {over: "${{ script.lines }}", key: "${{ line.id }}", max: 6}
nodes:
  script:
    uses: text/chat
    with:
      prompt: Three lines of a dialogue
      schema:
        lines:
          type: list
          items: {id: string, who: string, text: string, start: number, end: number, parent: string}
  face:
    each: person
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ person.face }}", image_size: {width: 320, height: 180}}
  voice:
    each: line
    uses: fal-ai/minimax/speech-02-hd
    with:
      text: ${{ line.text }}
      output_format: url
      voice_setting: {voice_id: "${{ inputs.people[line.who].voice }}"}
  clip:
    each: line
    uses: fal-ai/pika/v2.2/image-to-video
    with:
      image_url: "${{ face[line.who].images[0] if line.parent == '' else at(tail, line.parent).image }}"
      prompt: ${{ line.text }}
      duration: 5
  tail:
    each: line
    uses: media/frame
    with: {video: "${{ clip.video }}", at: last}
outputs: {clips: "${{ clip.video }}", script: "${{ script.lines }}"}
"""
ANSWERS = """
script:
  lines:
    - {id: hello, who: pilot, text: "Is anybody there?", start: 0, end: 2, parent: ""}
face["keeper"]:
  images: [./keeper.png]
"""


@pytest.fixture
def film(in_folder: Path, small_previews: None) -> Path:
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return Path("film.yaml")


def lines() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(Path("out/film/preview/script.json").read_text())
    return found


def test_a_written_film_previews_whole(film: Path) -> None:
    result = callsheet.run(film, preview=True, slate="off")
    assert result.status == "done", [f"{f.address}: {f.message}" for f in result.failures]
    assert [line["who"] for line in lines()] == ["keeper", "pilot", "keeper"]
    assert [line["parent"] for line in lines()] == ["", "line1", "line2"]


def test_a_person_answers_in_the_place_of_a_model(film: Path) -> None:
    Image.new("RGB", (64, 36), "red").save("keeper.png")
    callsheet.run(film, preview=True, slate="off")
    Path("film.preview.yaml").write_text(ANSWERS, encoding="utf-8")
    result = callsheet.run(film, preview=True, slate="off")
    assert result.status == "done"
    assert [line["text"] for line in lines()] == ["Is anybody there?"]
    face = next(Path("out/film/preview/parts").glob("face-*keeper.png"))
    assert Image.open(face).convert("RGB").getpixel((10, 10)) == (255, 0, 0)


def test_a_changed_drawing_is_taken_anew(film: Path, callsheet: Typed) -> None:
    Path("film.preview.yaml").write_text(ANSWERS, encoding="utf-8")
    for tint, level in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        Image.new("RGB", (64, 36), tint).save("keeper.png")
        code, out, err = callsheet("run", "film.yaml", "--preview", "--only", "face", "--slate", "off")
        assert code == 0, out + err
        face = next(Path("out/film/preview/parts").glob("face-*keeper.png"))
        assert Image.open(face).convert("RGB").getpixel((10, 10)) == level


def test_answers_that_do_not_fit_are_said_at_their_place(film: Path, callsheet: Typed) -> None:
    Path("film.preview.yaml").write_text(
        "script: {lines: [{id: 1}]}\nclip: {video: https://example.com/a.mp4}\n"
        "nobody: {a: 1}\ntail: {image: x}\n",
        encoding="utf-8",
    )
    code, _, err = callsheet("run", "film.yaml", "--preview")
    assert code == 1
    assert "film.preview.yaml:1:" in err
    assert "film.preview.yaml:2:15: error[preview-answer]: a preview opens no connection" in err
    assert "film.preview.yaml:3:1: error[preview-answer]: the film has no node or instance nobody" in err
    assert "film.preview.yaml:4:1: error[preview-answer]: tail runs on this machine" in err


def test_answers_change_no_key_of_what_is_paid_for(film: Path) -> None:
    before = [found.key for found in callsheet.plan(film).forecasts]
    Path("film.preview.yaml").write_text(ANSWERS, encoding="utf-8")
    Image.new("RGB", (64, 36), "red").save("keeper.png")
    assert [found.key for found in callsheet.plan(film).forecasts] == before
