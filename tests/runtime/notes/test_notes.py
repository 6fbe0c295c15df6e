"""Notes on a film, as they are typed: in a file that git merges, bound to the take that they are about."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from callsheet.runtime.notes.notes_file import read_notes
from tests.conftest import Typed
from tests.grey_film import FILM, grey_shot, write_film

DAWN = 'clip["dawn"]'
FILE = Path("film.notes.jsonl")


@pytest.fixture
def typed(callsheet: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """A film of three shots of 24 pictures that is made; types `callsheet` and more."""
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ann")
    write_film()
    assert api.run("film.yaml").status == "done"
    return callsheet


def notes(typed: Typed, *words: str) -> list[dict[str, Any]]:
    done, out, err = typed("notes", "film.yaml", *words, "--json")
    assert done == 0, err
    found: list[dict[str, Any]] = json.loads(out)["notes"]
    return found


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def test_a_note_is_one_line_bound_to_its_take(typed: Typed) -> None:
    done, out, err = typed("notes", "film.yaml", "--add", "too dark", "--on", DAWN, "--at", "6", "--to", "17")
    assert done == 0, err
    assert f"{DAWN} frames 6 to 17 (00:00:00:06)\n    Ann, 2026-11-30: too dark\n" in out
    (line,) = lines()
    digest = sha256(Path("dawn.mp4").read_bytes()).hexdigest()
    about = {n: line[n] for n in ("shot", "take", "digest", "frame", "frames", "rate", "author", "status")}
    assert about == {
        "shot": DAWN, "take": 1, "digest": digest, "frame": 6, "frames": 12, "rate": 24, "author": "Ann",
        "status": "open",
    }  # fmt: skip
    assert len(line["key"]) == 64


def test_a_note_on_the_film_is_about_the_shot_that_is_seen(typed: Typed) -> None:
    (seen,) = notes(typed, "--add", "blurred", "--at", "00:00:01:06", "--to", "00:00:03:00")
    assert (seen["shot"], seen["frame"], seen["frames"]) == ('clip["dusk"]', 6, 18), "not beyond the shot"
    (film,) = notes(typed, "--add", "too slow", "--at", "1.5s", "--film")
    assert (film.get("shot"), film["frame"], film["rate"]) == (None, 36, 24)
    (whole,) = notes(typed, "--add", "good", "--on", DAWN)
    assert "frame" not in whole


def test_notes_are_answered_closed_and_reopened(typed: Typed) -> None:
    (note,) = notes(typed, "--add", "too dark", "--on", DAWN)
    short = note["id"][:6]
    (done,) = notes(typed, "--reply", short, "take 2 is brighter", "--author", "Bea", "--close", short)[:1]
    assert done["status"] == "done" and done["replies"][0]["author"] == "Bea"
    assert notes(typed, "--open") == []
    code, out, _ = typed("notes", "film.yaml")
    assert code == 0 and "> Bea: take 2 is brighter" in out and "1 note, 0 open" in out
    assert notes(typed, "--reopen", short)[0]["status"] == "open"
    assert len(lines()) == 1


def test_a_note_says_that_it_is_on_an_earlier_result(typed: Typed) -> None:
    notes(typed, "--add", "too dark", "--on", DAWN)
    notes(typed, "--add", "good", "--on", 'clip["dusk"]')
    notes(typed, "--add", "slow", "--film")
    grey_shot("dawn", 60)
    assert api.run("film.yaml").status == "done"
    found = {note["text"]: note["stale"] for note in notes(typed)}
    assert found == {"too dark": "on an earlier result of take 1", "good": None, "slow": "on an earlier film"}
    Path("film.yaml").write_text(FILM.replace("      - {name: dusk, video: ./dusk.mp4}\n", ""))
    found = {note["text"]: note["stale"] for note in notes(typed)}
    assert found["good"] == "on a shot that the film does not have"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--add", " "], "a note without a text says nothing"),
        (["--add", "x", "--on", "clap"], "there is no node or instance clap"),
        (["--add", "x", "--on", "clip"], "clip is several instances"),
        (["--add", "x", "--on", DAWN, "--at", "24"], "has the frames 0 to 23, and not 24"),
        (["--add", "x", "--on", DAWN, "--at", "soon"], "soon is no place"),
        (["--add", "x", "--on", DAWN, "--at", "9", "--to", "3"], "3 is before 9"),
        (["--add", "x", "--on", DAWN, "--film", "--at", "9"], "give one of them"),
        (["--at", "9"], "give --add TEXT, too"),
        (["--close", "nothing"], "has no note nothing"),
        (["--add", "x" * 10_001], "has at most 10,000 characters"),
    ],
)
def test_what_is_no_note_is_said(typed: Typed, words: list[str], said: str) -> None:
    code, _, err = typed("notes", "film.yaml", *words)
    assert code == 1 and said in err, err
    assert not FILE.exists()


def test_what_others_wrote_is_kept_byte_for_byte(typed: Typed) -> None:
    """Fields of other versions, lines that are no notes, and bytes that are no text."""
    strange = [
        b'{"id": "a1", "text": "hers", "mood": {"x": [1, null]}, "replies": [{"text": "ok", "via": "mail"}]}',
        b"not json",
        b"\xff\xfe broken",
        b'{"id": 7, "text": "no id"}',
        b"[" * 5000,
        b'{"id": "a2", "text": "NaN", "x": NaN}',
    ]
    FILE.write_bytes(b"\n".join(strange) + b"\n")
    code, _, err = typed("notes", "film.yaml", "--add", "mine")
    assert code == 0 and "lines 2, 3, 4, 5, 6 can be read as no note, and are kept" in err
    assert FILE.read_bytes().splitlines()[:6] == strange
    typed("notes", "film.yaml", "--reply", "a1", "and mine")
    first = json.loads(FILE.read_bytes().splitlines()[0])
    assert first["mood"] == {"x": [1, None]}
    assert first["replies"][0] == {"text": "ok", "via": "mail"} and first["replies"][1]["text"] == "and mine"


def test_odd_values_are_no_harm(typed: Typed) -> None:
    odd = {
        "id": "\x1b[31m", "text": "\x1b]0;title\x07" + "x" * 20_000, "frame": True, "frames": -5,
        "rate": "24", "take": 1.5, "replies": [7, {"text": 7}, {"text": "yes"}],
        "author": ["x"], "status": "maybe", "shot": "../../x",
    }  # fmt: skip
    FILE.write_text(json.dumps(odd) + "\n", encoding="utf-8")
    code, out, err = typed("notes", "film.yaml")
    assert code == 0 and "\x1b" not in out + err and "on a shot that the film does not have" in out
    (note,) = read_notes(Path("film.yaml")).notes
    assert (note.frame, note.frames, note.rate, note.take, note.is_open) == (None, 1, None, 1, True)
    assert len(note.replies) == 1 and len(note.text) <= 10_100


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_links_out_of_the_project_and_pipes_are_refused(typed: Typed, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "theirs"
    outside.write_text("precious\n")
    Path("callsheet.toml").touch()
    FILE.symlink_to(outside)
    code, _, err = typed("notes", "film.yaml", "--add", "x")
    assert code == 1 and "link to a place outside the project" in err
    assert outside.read_text() == "precious\n"
    FILE.unlink()
    os.mkfifo(FILE)
    code, _, err = typed("notes", "film.yaml")
    assert code == 1 and "cannot be read" in err


def git(*words: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    return subprocess.run(["git", *identity, *words], capture_output=True, text=True, check=False)


def commit() -> None:
    git("add", "-A")
    assert git("commit", "-q", "-m", "a change").returncode == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_notes_of_two_people_merge(typed: Typed) -> None:
    """Both add, both answer the same note, one closes it: git merges as `callsheet init` sets it up."""
    Path("callsheet.toml").touch()
    Path(".gitattributes").write_text("*.notes.jsonl merge=union\n")
    git("init", "-q", "-b", "main")
    ids = [notes(typed, "--add", text)[0]["id"] for text in ("first", "second")]
    commit()
    git("checkout", "-q", "-b", "theirs")
    notes(typed, "--add", "theirs")
    notes(typed, "--reply", ids[0], "from them", "--close", ids[0])
    notes(typed, "--reply", ids[1], "theirs too")
    commit()
    git("checkout", "-q", "main")
    notes(typed, "--add", "ours")
    notes(typed, "--reply", ids[0], "from us")
    notes(typed, "--close", ids[1])
    commit()
    merged = git("merge", "-q", "--no-edit", "theirs")
    assert merged.returncode == 0, merged
    found = {note["text"]: note for note in notes(typed)}
    assert found.keys() == {"first", "second", "ours", "theirs"}
    assert {r["text"] for r in found["first"]["replies"]} == {"from them", "from us"}
    assert [r["text"] for r in found["second"]["replies"]] == ["theirs too"]
    assert (found["first"]["status"], found["second"]["status"]) == ("done", "done")
    for name in ids:
        notes(typed, "--reply", name, "after the merge")
    assert len(lines()) == 4, "one line a note again"


def test_the_marks_of_a_merge_hide_no_note(typed: Typed) -> None:
    """Where git was not set up, the notes of both sides are between its marks."""
    FILE.write_text(
        '<<<<<<< HEAD\n{"id": "a", "text": "one"}\n=======\n{"id": "a", "text": "one", "status": "done", '
        '"changed": "2026-12-01T00:00:00Z"}\n{"id": "b", "text": "two"}\n>>>>>>> theirs\n'
    )
    assert {note["id"]: note["status"] for note in notes(typed)} == {"a": "done", "b": "open"}
    notes(typed, "--add", "three")
    assert "<<<" not in FILE.read_text() and len(notes(typed)) == 3


def test_writers_at_the_same_time_lose_nothing(typed: Typed) -> None:
    program = (
        "import sys; from pathlib import Path; from callsheet.runtime.notes.note import Note\n"
        "from callsheet.runtime.notes.notes_file import to_be_changed, write_note\n"
        "from callsheet.runtime.workspace import Workspace\n"
        "film = Path('film.yaml')\n"
        "for n in range(20):\n"
        "    with to_be_changed(Workspace.of(film), film): write_note(film, Note(f'{sys.argv[1]}{n}', 'x'))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(read_notes(Path("film.yaml")).notes) == 60


def test_an_archive_has_the_notes(typed: Typed) -> None:
    Path("callsheet.toml").touch()
    notes(typed, "--add", "too dark")
    code, _, err = typed("archive", "film.yaml", "-o", "film.tar")
    assert code == 0, err
    with tarfile.open("film.tar") as packed:
        assert "harbour/film.notes.jsonl" in packed.getnames()
