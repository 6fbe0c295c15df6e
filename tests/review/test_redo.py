"""`callsheet retake --note`: a note becomes another take, or another prompt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from callsheet.runtime.lock import lock_path
from tests.conftest import Typed
from tests.lock_files import read
from tests.review.conftest import FILM, Open

DAWN = 'card["dawn"]'
WORDS = """
callsheet: 1
name: words
inputs:
  prompt: {type: string}
  note: {type: string}
nodes: {}
outputs:
  prompt: "${{ inputs.prompt }}, ${{ inputs.note }}"
"""


@pytest.fixture
def note(callsheet: Typed, made: Path) -> str:
    """The id of a note on the first card."""
    assert callsheet("notes", "film.yaml", "--add", "more fog", "--on", DAWN)[0] == 0
    return str(notes()[0]["id"])


def notes() -> list[Any]:
    return [json.loads(line) for line in Path("film.notes.jsonl").read_text().splitlines()]


def test_the_note_is_the_reason_and_gets_a_reply(callsheet: Typed, note: str) -> None:
    code, out, _ = callsheet("retake", "film.yaml", "--note", note[:5])
    assert code == 0 and out.startswith(f"{DAWN} has 3 takes\n")
    (said,) = (d for d in read(lock_path(Path("film.yaml"))).block(DAWN).decisions if d.kind == "takes")
    assert said.number == 3 and said.note == "more fog"
    assert notes()[0]["replies"][0]["text"] == "take 3 is asked for" and notes()[0]["status"] == "open"


def test_a_note_is_not_taken_for_another_shot(callsheet: Typed, note: str) -> None:
    code, _, told = callsheet("retake", "film.yaml", 'card["dusk"]', "--note", note)
    assert code == 1 and f"is on {DAWN}" in told
    assert callsheet("retake", "film.yaml", "--note", "nothing")[0] == 1
    assert callsheet("retake", "film.yaml")[0] == 1


def test_a_pipeline_words_the_prompt_and_a_person_keeps_it(callsheet: Typed, note: str) -> None:
    Path("words.yaml").write_text(WORDS.replace("nodes: {}", NODES))
    words = ["retake", "film.yaml", "--note", note, "--with", "words.yaml"]
    code, out, _ = callsheet(*words)
    new = "the sea at ${{ shot }}, ${{ inputs.look }}, more fog"
    assert code == 4 and f"+      prompt: {new}" in out and "a run would cost $0.1" in out
    assert Path("film.yaml").read_text() == FILM and "replies" in notes()[0] and not notes()[0]["replies"]
    assert callsheet(*words, "--yes")[0] == 0
    assert Path("film.yaml").read_text() == FILM.replace(
        "${{ inputs.look }}  #", "${{ inputs.look }}, more fog  #"
    )
    assert notes()[0]["replies"][0]["text"] == "the text was changed"


NODES = """nodes:
  card: {uses: media/title, with: {text: "${{ inputs.note }}"}}"""


def test_until_a_person_agrees_the_file_is_never_written(
    callsheet: Typed, note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leaves at the question, by Ctrl-C or because the power goes, has the file as it was."""
    Path("words.yaml").write_text(WORDS.replace("nodes: {}", NODES))
    asked: list[str] = []

    def leaves(question: str) -> bool:
        asked.append(Path("film.yaml").read_text())
        if "Keep" in question:
            raise click.Abort
        return True

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(click, "confirm", leaves)
    assert callsheet("retake", "film.yaml", "--note", note, "--with", "words.yaml")[0] != 0
    assert asked and set(asked) == {FILM} and Path("film.yaml").read_text() == FILM


def test_inputs_that_the_film_needs_are_given_to_the_changed_one(callsheet: Typed, note: str) -> None:
    needs = FILM.replace("look: 35mm film   # the look of all", "look: {type: string}")
    Path("film.yaml").write_text(needs)
    Path("words.yaml").write_text(WORDS.replace("nodes: {}", NODES))
    words = "retake", "film.yaml", "--note", note, "--with", "words.yaml", "--yes"
    assert callsheet(*words, "--set", "look=35mm film")[0] == 0
    assert Path("film.yaml").read_text() == needs.replace("look }}  #", "look }}, more fog  #")


def test_a_pipeline_that_gives_no_text_is_said(callsheet: Typed, note: str) -> None:
    Path("words.yaml").write_text(
        WORDS.replace("nodes: {}", NODES).replace('  prompt: "${{', '  other: "${{')
    )
    code, _, told = callsheet("retake", "film.yaml", "--note", note, "--with", "words.yaml", "--yes")
    assert code == 1 and "gave no other text" in told and Path("film.yaml").read_text() == FILM


def test_a_page_makes_a_note_another_take(note: str, open_page: Open) -> None:
    page = open_page()
    _, told = page.do("retake", addresses=[DAWN])
    agreed = {"usd": told["price"]["usd"], "unpriced": 0}
    assert page.do("retake", addresses=[DAWN], note_id=note, agreed=agreed)[0] == 200
    assert page.read("notes.json")["notes"][0]["replies"][0]["text"] == "take 3 is asked for"
