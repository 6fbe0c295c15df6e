"""What an earlier version bought in another folder is found before anything is bought, and taken over."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet import failpoints
from callsheet.cli.main import main
from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.runtime.ledger.join import TABLES

MAIN = "from callsheet.cli.main import main; main()"
OLD = Path(__file__).parents[1] / "compat/0.1.0/project.tar.gz"
STILL = "fal-ai/hunyuan-image/v3/text-to-image"
FILM = f"""
callsheet: 1
name: film
inputs: {{what: [a fox, a cat]}}
axes: {{one: {{over: "${{{{ inputs.what }}}}"}}}}
nodes:
  still: {{each: one, uses: {STILL}, with: {{prompt: "${{{{ one }}}}", seed: 1}}}}
  clip:
    each: one
    uses: fal-ai/pika/v2.2/image-to-video
    with: {{prompt: "${{{{ one }}}} runs", image_url: "${{{{ still.images[0] }}}}", seed: 1}}
outputs: {{clips: "${{{{ clip.video }}}}"}}
"""
SHOTS = f"""
callsheet: 1
name: film
nodes:
  script: {{uses: text/split, with: {{text: "a fox|a cat", by: separator, separator: "|"}}}}
  still:
    each: shot
    uses: {STILL}
    with: {{prompt: "${{{{ shot }}}}", seed: 1}}
axes: {{shot: {{over: "${{{{ script.parts }}}}", max: 3}}}}
outputs: {{stills: "${{{{ still.images[0] }}}}"}}
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


def rows(state: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(state / "ledger.db")) as ledger:
        return ledger.execute(query).fetchall()


@pytest.fixture
def bought_above(seller: Emulator, in_folder: Path, capsys: Any) -> Path:
    """A film in film/, bought with its state in the folder above, as one stood there; a project of its own
    since."""
    film = in_folder / "film"
    film.mkdir()
    (film / "film.yaml").write_text(FILM)
    (in_folder / ".callsheet").mkdir()
    code, text = said(capsys, "run", "film/film.yaml", "--yes")
    assert code == 0, text
    assert len(seller.posts) == 4 and not (film / ".callsheet").exists()
    (film / "callsheet.toml").touch()
    return film


def test_nothing_is_bought_that_is_paid_for_above(bought_above: Path, seller: Emulator, capsys: Any) -> None:
    code, text = said(capsys, "plan", "film/film.yaml")
    assert code == 0 and "paid for already, in " in text and "callsheet adopt-state" in text
    code, text = said(capsys, "run", "film/film.yaml", "--yes")
    assert code == 1 and "nothing was sent" in text and "callsheet adopt-state" in text
    with pytest.raises(InputError, match="paid for already"):
        callsheet.run("film/film.yaml", confirm=True)
    assert len(seller.posts) == 4


def test_the_command_that_is_named_takes_it_over(
    bought_above: Path, seller: Emulator, capsys: Any, monkeypatch: Any
) -> None:
    source = bought_above.parent / ".callsheet"
    before = {table: rows(source, f"SELECT * FROM {table}") for table in TABLES}
    monkeypatch.chdir(bought_above)
    assert said(capsys, "adopt-state", "..")[0] == 0
    code, text = said(capsys, "plan", "film.yaml")
    assert code == 0 and "nothing to make: 4 reused" in text
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4
    assert {table: rows(source, f"SELECT * FROM {table}") for table in TABLES} == before
    here = {table: len(rows(Path(".callsheet"), f"SELECT * FROM {table}")) for table in TABLES}
    assert here == {table: len(found) for table, found in before.items()}
    code, text = said(capsys, "adopt-state", "..")
    assert code == 0 and "0 runs, 0 requests, 0 files" in text
    assert here == {table: len(rows(Path(".callsheet"), f"SELECT * FROM {table}")) for table in TABLES}


def test_from_where_one_stands(bought_above: Path, seller: Emulator, capsys: Any) -> None:
    _, text = said(capsys, "run", "film/film.yaml", "--yes")
    words = text.split("callsheet adopt-state ")[1].splitlines()[0].split()
    assert said(capsys, "adopt-state", *words)[0] == 0
    assert said(capsys, "run", "film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4


def test_what_a_film_bought_below_is_found_when_the_project_grows(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    for folder in ("deep/film", "deep/scripts"):
        Path(folder).mkdir(parents=True)
    Path("deep/scripts/.callsheet").mkdir()
    Path("deep/film/film.yaml").write_text(FILM)
    with_state = callsheet.run("deep/film/film.yaml", state="deep/scripts/.callsheet", confirm=True)
    assert with_state.status == "done" and len(seller.posts) == 4
    Path("callsheet.toml").touch()
    for out in Path().rglob("out"):
        shutil.rmtree(out)
    code, text = said(capsys, "run", "deep/film/film.yaml", "--yes")
    assert code == 1 and "deep/scripts/.callsheet" in text
    assert said(capsys, "adopt-state", "deep/scripts")[0] == 0
    assert said(capsys, "run", "deep/film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4


def posted_twice(seller: Emulator) -> list[str]:
    """Bodies that came more than once."""
    bodies = [str(post) for post in seller.posts]
    return [body for body in bodies if bodies.count(body) > 1]


@pytest.mark.parametrize("mark", ["callsheet.toml", ".git", ".callsheet"])
@pytest.mark.parametrize("place", ["film", "."])
def test_a_mark_that_comes_later_buys_nothing(
    mark: str, place: str, seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    """The state lay with the pipeline, or in a folder between it and the root that the project has now."""
    Path("films/film").mkdir(parents=True)
    Path("films/film/film.yaml").write_text(FILM)
    state = Path("films", place, ".callsheet")
    state.mkdir()
    assert said(capsys, "run", "films/film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4 and (state / "ledger.db").exists()
    Path(mark).touch() if "." in mark[1:] else Path(mark).mkdir()
    code, text = said(capsys, "plan", "films/film/film.yaml")
    if mark != "callsheet.toml":
        assert code == 0 and "nothing to make: 4 reused" in text, (
            "the state is the stronger or the nearer mark"
        )
        return
    assert code == 0 and f"{state.resolve()}: still" in text and "($0.61)" in text, text
    elsewhere = json.loads(said(capsys, "plan", "films/film/film.yaml", "--json")[1])["paid_elsewhere"]
    assert (elsewhere["state"], elsewhere["usd"]) == (str(state.resolve()), pytest.approx(0.609716))
    assert said(capsys, "run", "films/film/film.yaml", "--yes")[0] == 1
    assert said(capsys, "adopt-state", str(state))[0] == 0
    assert said(capsys, "run", "films/film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4


def test_several_states_one_after_the_other(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    Path("films/film").mkdir(parents=True)
    film = Path("films/film/film.yaml")
    for number, folder in enumerate(("films/film", "films")):
        film.write_text(FILM.replace("[a fox, a cat]", f"[{['a fox', 'a cat'][number]}]"))
        callsheet.run(film, state=f"{folder}/.callsheet", confirm=True)
    film.write_text(FILM)
    shutil.rmtree("films/film/out")
    assert not Path("out").exists()
    Path("callsheet.toml").touch()
    assert len(seller.posts) == 4
    for folder in ("films/film", "films"):
        code, text = said(capsys, "run", str(film), "--yes")
        assert code == 1 and f"{folder}/.callsheet" in text
        assert said(capsys, "adopt-state", folder)[0] == 0
    assert said(capsys, "run", str(film), "--yes")[0] == 0
    assert len(seller.posts) == 4


def test_a_film_that_moved_in_its_project_is_reused(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
    Path("callsheet.toml").touch()
    Path("a/film.yaml").write_text(FILM)
    assert said(capsys, "run", "a/film.yaml", "--yes")[0] == 0
    Path("a/film.yaml").rename("b/film.yaml")
    assert "nothing to make: 4 reused" in said(capsys, "plan", "b/film.yaml")[1]


def test_a_film_that_moved_sideways_tells_how_to_name_its_state(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    """Nothing says where the state is now; the lock file, which moved along, says that it was paid."""
    for folder in ("a", "b"):
        Path(folder).mkdir()
    Path("a/film.yaml").write_text(FILM)
    assert said(capsys, "run", "a/film.yaml", "--yes")[0] == 0
    for name in ("film.yaml", "film.lock.yaml"):
        Path("a", name).rename(Path("b", name))
    code, text = said(capsys, "plan", "b/film.yaml")
    assert code == 0 and "as b/film.lock.yaml says, but not here: still" in text
    assert "callsheet adopt-state PATH --project b" in text
    assert said(capsys, "adopt-state", "a", "--project", "b")[0] == 0
    assert said(capsys, "run", "b/film.yaml", "--yes")[0] == 0
    for name in ("film.yaml", "film.lock.yaml"):
        Path("b", name).rename(Path("a", name))
    assert "nothing to make: 4 reused" in said(capsys, "plan", "a/film.yaml")[1], "moved back"
    assert said(capsys, "adopt-state", "b", "--project", "a")[1].endswith("0 runs, 0 requests, 0 files\n")
    assert len(seller.posts) == 4


def test_what_the_lock_alone_names_is_bought_only_when_somebody_says_so(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    Path("film.yaml").write_text(FILM)
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    for folder in (".callsheet", "out"):
        shutil.rmtree(folder)
    code, text = said(capsys, "run", "film.yaml", "--yes")
    assert code == 1 and "nothing was sent; paid for already, as film.lock.yaml says, but not here" in text
    assert "callsheet adopt-state PATH" in text and "--buy-again buys them once more" in text
    assert len(seller.posts) == 4
    assert said(capsys, "run", "film.yaml", "--yes", "--buy-again")[0] == 0
    assert len(seller.posts) > 4


class Terminal(io.StringIO):
    """A person who types these lines."""

    def isatty(self) -> bool:
        return True


def test_who_sits_at_a_terminal_is_asked_whether_to_buy_again(
    seller: Emulator, in_folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("film.yaml").write_text(FILM)
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    for folder in (".callsheet", "out"):
        shutil.rmtree(folder)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    code, text = said(capsys, "run", "film.yaml", "--yes")
    assert code != 0 and "paid for already" in text and "Buy again what was paid for already?" in text
    assert len(seller.posts) == 4
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    assert len(seller.posts) > 4


def test_a_program_says_so_too(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    Path("film.yaml").write_text(FILM)
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    for folder in (".callsheet", "out"):
        shutil.rmtree(folder)
    with pytest.raises(InputError, match=r"paid for already, as .* says"):
        callsheet.run("film.yaml", confirm=True)
    assert len(seller.posts) == 4
    assert callsheet.run("film.yaml", confirm=True, buy_again=True).status == "done"


def test_the_state_that_a_program_named_is_taken_over(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    Path("film.yaml").write_text(FILM)
    assert callsheet.run("film.yaml", state="kept", confirm=True).status == "done"
    shutil.rmtree("out")
    code, text = said(capsys, "plan", "film.yaml")
    assert code == 0 and "as film.lock.yaml says" in text
    assert said(capsys, "adopt-state", "kept")[0] == 0
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4


@pytest.mark.parametrize("damage", ["cut", "newer", "empty"])
def test_another_ledger_that_cannot_be_read_stops_it(
    damage: str, bought_above: Path, seller: Emulator, capsys: Any
) -> None:
    ledger = bought_above.parent / ".callsheet/ledger.db"
    for beside in bought_above.parent.glob(".callsheet/ledger.db-*"):
        beside.unlink()
    if damage == "newer":
        with closing(sqlite3.connect(ledger)) as opened:
            opened.execute("PRAGMA user_version = 999")
    else:
        ledger.write_bytes(ledger.read_bytes()[: 5000 if damage == "cut" else 0])
    before = ledger.read_bytes()
    for words in (("plan", "film/film.yaml"), ("run", "film/film.yaml", "--yes")):
        code, text = said(capsys, *words)
        assert code != 0 and str(ledger) in text and "Traceback" not in text, words
    code, text = said(capsys, "adopt-state", ".", "--project", "film")
    assert code != 0 and "ledger.db" in text and "Traceback" not in text
    assert len(seller.posts) == 4 and ledger.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["after_intent", "after_sending", "after_accepted", "after_result"])
def test_killed_and_taken_over_each_call_is_sent_once(
    name: str, seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    """What was only intended was not sent, so it may be bought; what may have been sent is in doubt."""
    Path("film").mkdir()
    Path("film/film.yaml").write_text(FILM)
    Path(".callsheet").mkdir()
    words = ("run", "film/film.yaml", "--yes", "--concurrency", "1", "--output", "quiet")
    killed = subprocess.run(
        [sys.executable, "-B", "-c", MAIN, *words],
        env={**os.environ, failpoints.VARIABLE: f"call.{name}:2"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    Path("film/callsheet.toml").touch()
    assert "paid for already" in said(capsys, "plan", "film/film.yaml")[1]
    assert said(capsys, "run", "film/film.yaml", "--yes")[0] == 1
    assert said(capsys, "adopt-state", ".", "--project", "film")[0] == 0
    code, text = said(capsys, "run", "film/film.yaml", "--yes")
    assert (code == 0) == (name != "after_sending"), text
    assert not posted_twice(seller)
    if name == "after_sending":
        assert rows(Path("film/.callsheet"), "SELECT count(*) FROM attempts WHERE state = 'UNKNOWN'") == [
            (1,)
        ]
        assert "reconcile" in text
    else:
        assert len(seller.posts) == 4


def test_runs_keep_names_of_their_own(bought_above: Path, seller: Emulator, capsys: Any) -> None:
    film = bought_above / "film.yaml"
    film.write_text(FILM.replace("a fox, a cat", "a dog"))
    assert said(capsys, "run", "film/film.yaml", "--yes")[0] == 0
    assert said(capsys, "adopt-state", ".", "--project", "film")[0] == 0
    names = rows(bought_above / ".callsheet", "SELECT name FROM runs ORDER BY id")
    assert names == [("film-1",), ("film-2",)]
    film.write_text(FILM)
    assert said(capsys, "run", "film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 6


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", [name for name in failpoints.NAMES if name.startswith("adopt.")])
def test_killed_in_the_middle_and_repeated(
    name: str, bought_above: Path, seller: Emulator, capsys: Any
) -> None:
    words = ("adopt-state", ".", "--project", "film")
    killed = subprocess.run(
        [sys.executable, "-B", "-c", MAIN, *words],
        env={**os.environ, failpoints.VARIABLE: name},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert said(capsys, *words)[0] == 0
    assert said(capsys, "run", "film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 4
    assert len(rows(bought_above / ".callsheet", "SELECT * FROM attempts")) == 4


def test_under_way_in_both_is_refused(bought_above: Path, capsys: Any) -> None:
    shutil.copytree(bought_above.parent / ".callsheet", bought_above / ".callsheet")
    for folder, token in ((bought_above, "here"), (bought_above.parent, "there")):
        with closing(sqlite3.connect(folder / ".callsheet/ledger.db")) as ledger, ledger:
            ledger.execute("DROP TRIGGER attempts_step")
            ledger.execute("DROP TRIGGER attempts_frozen")
            change = "UPDATE attempts SET state = 'ACCEPTED', token = ?, request_id = ? WHERE id = 1"
            ledger.execute(change, (token, token))
    code, text = said(capsys, "adopt-state", ".", "--project", "film")
    assert code != 0 and "under way in both" in text and "still" in text and "Traceback" not in text
    assert rows(bought_above / ".callsheet", "SELECT count(*) FROM attempts") == [(4,)]


def test_lists_that_come_during_the_run_are_looked_up_too(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    film = in_folder / "film"
    film.mkdir()
    (film / "film.yaml").write_text(SHOTS)
    Path(".callsheet").mkdir()
    assert said(capsys, "run", "film/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 2
    (film / "callsheet.toml").touch()
    code, text = said(capsys, "run", "film/film.yaml", "--yes")
    assert code == 1 and "paid for already" in text and "adopt-state" in text
    assert len(seller.posts) == 2


def test_a_state_that_git_has_is_not_taken_over(bought_above: Path, capsys: Any) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "-f", ".callsheet"], check=True)
    code, text = said(capsys, "adopt-state", ".", "--project", "film")
    assert code == 1 and "git rm -r --cached" in text


def test_every_table_is_taken_over(bought_above: Path) -> None:
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables = {name for (name,) in rows(bought_above.parent / ".callsheet", query)}
    assert tables == {*TABLES, "steps"}


def test_a_folder_without_state(in_folder: Path, capsys: Any) -> None:
    code, text = said(capsys, "adopt-state", "nowhere")
    assert code == 1 and "has no state" in text


def test_a_project_of_0_1_0_is_taken_over(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    with tarfile.open(OLD) as archive:
        archive.extractall(in_folder, filter="data")
    project = in_folder / "films"
    project.mkdir()
    for path in in_folder.glob("*.*"):
        if path.is_file():
            shutil.move(path, project)
    (project / "callsheet.toml").touch()
    code, text = said(capsys, "run", "films/story.yaml", "--yes")
    assert code == 1 and "paid for already" in text, text
    assert said(capsys, "adopt-state", ".", "--project", "films")[0] == 0
    code, text = said(capsys, "run", "films/story.yaml", "--yes", "--require-cached")
    assert code == 0, text
    assert not seller.posts
