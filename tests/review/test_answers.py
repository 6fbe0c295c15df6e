"""A page for somebody without callsheet, and what comes back: shown as a difference, applied as accepted."""

from __future__ import annotations

import json
import re
import time
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.review.export import export_page
from callsheet.review.film import Film
from callsheet.runtime.lock import lock_path
from callsheet.runtime.notes.notes_file import write_notes
from tests.conftest import Typed
from tests.lock_files import read
from tests.review.conftest import FILM

DAWN, DUSK = 'card["dawn"]', 'card["dusk"]'


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="film">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture
def exported(made: Path) -> Any:
    """The data in an exported page, which is what its script reads."""
    export_page(Film(made), Path("cut.html"))
    return data_of(Path("cut.html").read_text())


def shot(exported: Any, address: str) -> Any:
    return next(one for one in exported["film"]["shots"] if one["address"] == address)


def answers(name: str, by: str, exported: Any, *given: dict[str, Any], **more: Any) -> str:
    """A file of answers, as the page saves it."""
    told = {
        "callsheet_answers": 1,
        "film": exported["film"]["name"],
        "export": exported["export"],
        "made": exported["made"],
        "by": by,
        "at": "2026-12-01T10:00:00Z",
        "answers": [*given],
        **more,
    }
    Path(name).write_text(json.dumps(told))
    return name


def decision(exported: Any, do: str, address: str, take: int, why: str = "") -> dict[str, Any]:
    seen = next(one for one in shot(exported, address)["takes"] if one["number"] == take)
    return {"do": do, "shot": address, "take": take, "digest": seen["digest"], "why": why}


def test_a_client_sees_the_film_and_nothing_of_how_it_is_made(exported: Any) -> None:
    page = Path("cut.html").read_text()
    assert len(shot(exported, DAWN)["takes"]) == 2
    for secret in ("hunyuan", "35mm film", "the sea at", "$", str(Path.cwd())):
        assert secret not in json.dumps(exported)
    assert "default-src 'none'" in unescape(page) and "unsafe-" not in page
    assert not re.search(r'(src|href)="(?!data:,)', page)


def test_answers_are_shown_first_and_applied_when_they_are_accepted(callsheet: Typed, exported: Any) -> None:
    note = {"do": "note", "id": "0123456789", "text": "too <b>dark</b>", "shot": DAWN, "take": 1, "frame": 0}
    note["digest"] = shot(exported, DAWN)["takes"][0]["media"][0]["digest"]
    given = decision(exported, "pick", DAWN, 2, "softer"), decision(exported, "approve", DUSK, 1), note
    file = answers("ann.json", "Ann", exported, *given)
    before = lock_path(Path("film.yaml")).read_text()
    code, out, _ = callsheet("review", "film.yaml", "--import", file)
    assert code == 4 and lock_path(Path("film.yaml")).read_text() == before
    assert out.splitlines()[:4] == [
        "Ann:",
        f"  + pick take 2 of {DAWN}: softer",
        f"  + approve take 1 of {DUSK}",
        f"  + note on {DAWN} at frame 0: too <b>dark</b>",
    ]
    assert callsheet("review", "film.yaml", "--import", file, "--yes")[0] == 0
    lock = read(lock_path(Path("film.yaml")))
    assert lock.block(DAWN).picked.number == 2 and lock.block(DAWN).picked.note == "Ann: softer"
    assert len(lock.block(DUSK).approved) == 1
    (kept,) = [json.loads(line) for line in Path("film.notes.jsonl").read_text().splitlines()]
    assert (kept["author"], kept["digest"], kept["take"]) == ("Ann", note["digest"], 1)
    code, out, _ = callsheet("review", "film.yaml", "--import", file, "--yes")
    assert code == 0 and out.count("  = ") == 3
    assert len(Path("film.notes.jsonl").read_text().splitlines()) == 1


def test_two_people_who_contradict_each_other_are_heard_both(callsheet: Typed, exported: Any) -> None:
    answers(
        "ann.json",
        "Ann",
        exported,
        decision(exported, "pick", DAWN, 2),
        decision(exported, "approve", DUSK, 1),
    )
    answers(
        "bob.json",
        "Bob",
        exported,
        decision(exported, "pick", DAWN, 1),
        decision(exported, "reject", DUSK, 1, "no"),
    )
    answers("cat.json", "Cat", exported, decision(exported, "pick", DAWN, 2))
    words = ["review", "film.yaml", "--import", "ann.json", "--import", "bob.json", "--import", "cat.json"]
    code, out, _ = callsheet(*words, "--yes")
    assert code == 4 and f"! approve take 1 of {DUSK} (Bob says reject take 1 of {DUSK}: no)" in out
    assert f"! reject take 1 of {DUSK}: no (Ann says approve" in out
    lock = read(lock_path(Path("film.yaml")))
    assert lock.block(DUSK).decisions == () and lock.block(DAWN).pick in (None, 2)


def test_answers_about_an_earlier_film_are_said_and_no_note_is_lost(callsheet: Typed, exported: Any) -> None:
    note = {"do": "note", "id": "0123456789", "text": "too dark", "shot": DAWN, "take": 1, "frame": 0}
    note["digest"] = shot(exported, DAWN)["takes"][0]["media"][0]["digest"]
    gone = {**decision(exported, "pick", DAWN, 2), "shot": 'card["noon"]'}
    file = answers("ann.json", "Ann", exported, decision(exported, "approve", DAWN, 1), gone, note)
    Path("film.yaml").write_text(FILM.replace("the sea at", "the wild sea at"))
    remake()
    code, out, _ = callsheet("review", "film.yaml", "--import", file, "--yes")
    assert code == 0
    assert f"  ~ approve take 1 of {DAWN} (take 1 of {DAWN} is another result by now)" in out
    assert '  - pick take 2 of card["noon"] (the film has no take 2 of card["noon"])' in out
    assert read(lock_path(Path("film.yaml"))).block(DAWN).decisions == ()
    (kept,) = [json.loads(line) for line in Path("film.notes.jsonl").read_text().splitlines()]
    assert kept["digest"] == note["digest"]
    assert "on an earlier result of take 1" in callsheet("notes", "film.yaml")[1]


def remake() -> None:
    assert callsheet.run("film.yaml", confirm=True).status == "waiting"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "\xff",
        '{"callsheet_answers": 1',
        '{"callsheet_answers": 2, "film": "coast"}',
        "[" * 9000,
    ],
)
def test_what_is_no_file_of_answers_is_a_message(callsheet: Typed, made: Path, text: str) -> None:
    Path("ann.json").write_text(text)
    code, _, told = callsheet("review", "film.yaml", "--import", "ann.json", "--yes")
    assert code == 1 and "ann.json" in told and "Traceback" not in told


def test_answers_of_another_film_and_odd_entries(callsheet: Typed, exported: Any) -> None:
    answers("ann.json", "Ann", exported, film="inland")
    code, _, told = callsheet("review", "film.yaml", "--import", "ann.json", "--yes")
    assert code == 1 and "is about the film inland" in told
    odd = [
        {"do": "buy"},
        {"do": "note", "text": "no id"},
        7,
        {"do": "pick", "shot": DAWN, "take": -1, "digest": 3},
    ]
    answers("ann.json", "A\x1b[31mnn", exported, answers=odd)
    code, out, told = callsheet("review", "film.yaml", "--import", "ann.json")
    assert code in (0, 4) and "\x1b" not in out and "ann.json: 3 entries are no answers" in told


def test_nobody_approves_what_was_not_made_when_they_looked(callsheet: Typed, exported: Any) -> None:
    unseen = [{**decision(exported, do, DAWN, 1), "digest": ""} for do in ("approve", "reject", "pick")]
    file = answers("ann.json", "Ann", exported, *unseen)
    code, out, _ = callsheet("review", "film.yaml", "--import", file, "--yes")
    assert code == 0 and out.count("  ~ ") == 3 and "0 accepted" in out
    assert read(lock_path(Path("film.yaml"))).block(DAWN).decisions == ()


def test_thousands_of_notes_are_written_at_once(
    callsheet: Typed, exported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def counted(pipeline: Path, notes: Any) -> None:
        written.append(len(notes))
        write_notes(pipeline, notes)

    monkeypatch.setattr("callsheet.review.proposals.write_notes", counted)
    given = [{"do": "note", "id": f"n{i:09}", "text": "y", "shot": DAWN, "take": 1} for i in range(300)]
    file = answers("ann.json", "Ann", exported, *given)
    assert "300 accepted" in callsheet("review", "film.yaml", "--import", file, "--yes")[1]
    assert written == [300] and len(Path("film.notes.jsonl").read_text().splitlines()) == 300


def test_what_a_client_says_to_a_note_later_is_added(callsheet: Typed, exported: Any) -> None:
    note: dict[str, Any] = {"do": "note", "id": "0123456789", "text": "too dark", "shot": "", "take": 1}
    words = "review", "film.yaml", "--yes", "--import"
    assert callsheet(*words, answers("ann.json", "Ann", exported, note))[0] == 0
    note |= {"replies": [{"text": "at the left"}], "status": "done"}
    for expected in ("1 accepted", "0 accepted"):
        assert expected in callsheet(*words, answers("ann.json", "Ann", exported, note))[1]
    (kept,) = [json.loads(line) for line in Path("film.notes.jsonl").read_text().splitlines()]
    assert [one["text"] for one in kept["replies"]] == ["at the left"] and kept["status"] == "done"
    assert callsheet("notes", "film.yaml", "--reopen", "0123")[0] == 0
    assert "0 accepted" in callsheet(*words, "ann.json")[1]


def test_a_take_that_one_picks_and_another_rejects_is_disputed(callsheet: Typed, exported: Any) -> None:
    answers("ann.json", "Ann", exported, decision(exported, "pick", DAWN, 2))
    answers("bob.json", "Bob", exported, decision(exported, "reject", DAWN, 2, "blurred"))
    code, out, _ = callsheet("review", "film.yaml", "--yes", "--import", "ann.json", "--import", "bob.json")
    assert code == 4 and out.count("  ! ") == 2
    assert read(lock_path(Path("film.yaml"))).block(DAWN).decisions == ()


def test_a_zip_has_its_media_beside_the_page(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a clock was never set: a ZIP knows no time before 1980."""
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((1970, 1, 1, 0, 0, 0, 3, 1, 0)))
    done = export_page(Film(made), Path("cut.zip"))
    with zipfile.ZipFile("cut.zip") as file:
        names = file.namelist()
        media = data_of(file.read("review.html").decode())["media"]
    assert names[0] == "review.html"
    assert len([name for name in names if "-still." not in name]) == done.media + 1
    assert {one["path"] for one in media.values()} == set(names[1:])


def test_an_export_needs_a_name_and_something_to_see(callsheet: Typed, coast: Path) -> None:
    code, _, told = callsheet("review", "film.yaml", "--export", "cut.mp4")
    assert code == 1 and ".html" in told
    code, _, told = callsheet("review", "film.yaml", "--export", "cut.html")
    assert code == 1 and "nothing to see" in told and "--preview" in told
    code, _, told = callsheet("review", "film.yaml", "--export", "nowhere/cut.html")
    assert code == 1 and "there is no folder nowhere" in told


@pytest.mark.needs("chromium")
def test_a_client_looks_picks_and_sends_it_back(callsheet: Typed, exported: Any, visit: Any) -> None:
    asked: list[str] = []
    tab = visit(f"file://{Path('cut.html').resolve()}")
    tab.on("request", lambda request: asked.append(request.url))
    tab.click(f".board li[data-address='{DAWN}'] button")
    tab.click("#tab-takes")
    tab.keyboard.press("2")
    tab.wait_for_selector(".take.picked[data-take='2']")
    tab.keyboard.press("a")
    tab.wait_for_selector("text=Take approval back")
    tab.keyboard.press("n")
    tab.fill("#note-text", "lovely")
    tab.keyboard.press("Control+Enter")
    tab.wait_for_selector(".note")
    tab.click("text=Save answers")
    tab.fill("#ask-by", "Ann")
    with tab.expect_download() as saved:
        tab.keyboard.press("Enter")
    saved.value.save_as("ann.json")
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == []
    assert callsheet("review", "film.yaml", "--import", "ann.json", "--yes")[0] == 0
    lock = read(lock_path(Path("film.yaml")))
    assert lock.block(DAWN).pick == 2
    assert json.loads(Path("film.notes.jsonl").read_text())["take"] == 2
    page = json.loads(Path("ann.json").read_text())
    assert {answer["do"] for answer in page["answers"]} == {"pick", "approve", "note"}
