"""A project made to do harm is checked, planned, previewed and run; and one project from several folders."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import callsheet
from callsheet.cli.main import main
from callsheet.emulator import Emulator

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
FILM = f"""
callsheet: 1
name: film
nodes: {{still: {{uses: {STILL}, with: {{prompt: a fox, seed: 1}}}}}}
outputs: {{still: "${{{{ still.images[0] }}}}"}}
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


@pytest.fixture
def clone(seller: Emulator, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of somebody else's repository, below a folder with files of the user's."""
    Path("mine.json").write_text(json.dumps({"mine": 1}))
    clone = in_folder / "clone"
    clone.mkdir()
    (clone / "film.yaml").write_text(FILM)
    subprocess.run(["git", "init", "-q", clone], check=True)
    monkeypatch.chdir(clone)
    return clone


def test_one_film_has_one_place(clone: Path, seller: Emulator, capsys: Any, monkeypatch: Any) -> None:
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 1
    monkeypatch.chdir(clone.parent)
    code, text = said(capsys, "plan", "clone/film.yaml")
    assert code == 0 and "nothing to make: 1 reused" in text
    assert said(capsys, "run", "clone/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 1
    assert not Path(".callsheet").exists() and not Path("out").exists()
    (clone / "sub").mkdir()
    monkeypatch.chdir(clone / "sub")
    assert "film" in said(capsys, "runs")[1]
    assert said(capsys, "plan", "../film.yaml")[1].startswith("film")


def test_a_run_is_resumed_from_another_folder(
    clone: Path, seller: Emulator, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(clone.parent)
    assert said(capsys, "run", "clone/film.yaml", "--yes")[0] == 0
    monkeypatch.chdir(clone)
    pipeline = sqlite3.connect(".callsheet/ledger.db").execute("SELECT pipeline FROM runs").fetchone()[0]
    assert json.loads(pipeline)["file"] == "film.yaml"


def test_git_leaves_the_state_out(clone: Path, capsys: Any) -> None:
    said(capsys, "run", "film.yaml", "--preview")
    status = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert ".callsheet" not in status.stdout


def test_a_state_folder_in_git_buys_nothing(clone: Path, seller: Emulator, capsys: Any) -> None:
    assert said(capsys, "run", "film.yaml", "--preview")[0] == 0
    subprocess.run(["git", "add", "-f", ".callsheet"], check=True)
    code, text = said(capsys, "run", "film.yaml", "--yes")
    assert code == 1 and "git rm -r --cached" in text and not seller.posts
    assert said(capsys, "plan", "film.yaml")[0] == 0, "reading goes on"
    subprocess.run(["git", "rm", "-rq", "--cached", ".callsheet"], check=True)
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0


def test_a_link_called_out_writes_nothing_outside(clone: Path, capsys: Any) -> None:
    Path("out").symlink_to("..")
    Path("film.yaml").write_text(
        "callsheet: 1\nname: mine\ninputs: {s: {type: json, default: {evil: 1}}}\n"
        'nodes: {a: {uses: text/split, with: {text: hi}}}\noutputs: {mine: "${{ inputs.s }}"}\n'
    )
    code, text = said(capsys, "run", "film.yaml", "--preview")
    assert code == 1 and "link" in text and "--out" in text
    assert sorted(path.name for path in clone.parent.iterdir()) == ["clone", "mine.json"]
    assert json.loads((clone.parent / "mine.json").read_text()) == {"mine": 1}


def test_a_link_called_callsheet_is_not_followed(clone: Path, capsys: Any) -> None:
    shared = clone.parent / "shared"
    (shared / "work/12345678-mine").mkdir(parents=True)
    Path(".callsheet").symlink_to("../shared")
    for words in (("check", "film.yaml"), ("run", "film.yaml", "--preview"), ("runs",)):
        code, text = said(capsys, *words)
        assert code == 1 and "is a link to a place outside the project" in text
    assert (shared / "work/12345678-mine").is_dir()


@pytest.mark.parametrize(
    "path", ["./.env", "./.git/config", "./.callsheet/ledger.db", "../mine.json", "./deep/.x/y.png"]
)
def test_files_that_nobody_meant(path: str, clone: Path, capsys: Any, monkeypatch: Any) -> None:
    for name in (".env", ".callsheet/ledger.db", "deep/.x/y.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 32)
    film = f"callsheet: 1\ninputs: {{f: {{type: image, default: {path}}}}}\n"
    film += 'nodes: {a: {uses: media/fit_image, with: {image: "${{ inputs.f }}", width: 64}}}\n'
    Path("film.yaml").write_text(film)
    monkeypatch.chdir(clone.parent)
    found = [d.code for d in callsheet.check("clone/film.yaml").diagnostics if d.severity == "error"]
    assert found == ["local-file"]


NAMED = {
    "a picture": "inputs: {{f: {{type: image, default: {0}.png}}}}\n"
    'nodes: {{a: {{uses: media/fit_image, with: {{image: "${{{{ inputs.f }}}}", width: 64}}}}}}\n',
    "a parameter": "nodes: {{a: {{uses: media/fit_image, with: {{image: {0}.png, width: 64}}}}}}\n",
    "a list": "inputs: {{f: {{type: list, items: {{id: string}}, default: {0}.csv}}}}\n"
    'axes: {{x: {{over: "${{{{ inputs.f }}}}"}}}}\n'
    'nodes: {{a: {{each: x, uses: text/split, with: {{text: "${{{{ x.id }}}}"}}}}}}\n',
    "a recipe": "nodes: {{a: {{uses: {0}.yaml}}}}\n",
    "code": "nodes: {{a: {{uses: {0}.py#f}}}}\n",
}


@pytest.fixture
def secrets(clone: Path) -> Path:
    """Files beside the clone, and in a hidden folder of it, of every kind; links lead to them."""
    Image.new("RGB", (64, 64)).save(clone.parent / "secret.png")
    (clone / ".hidden").mkdir()
    (clone / "folder").symlink_to("..")
    for kind in ("png", "csv", "py", "yaml", "txt"):
        file = clone.parent / f"secret.{kind}"
        if kind != "png":
            file.write_text("id\nSECRET: [\n")
        (clone / f"link.{kind}").symlink_to(f"../secret.{kind}")
        shutil.copy(file, clone / f".hidden/secret.{kind}")
    return clone


@pytest.mark.parametrize("place", ["./link", "./folder/secret", "./.hidden/secret", "../secret"])
@pytest.mark.parametrize("what", NAMED)
def test_no_way_to_name_a_file_leads_out_or_to_a_hidden_one(
    what: str, place: str, secrets: Path, capsys: Any
) -> None:
    Path("film.yaml").write_text("callsheet: 1\n" + NAMED[what].format(place))
    code, text = said(capsys, "check", "film.yaml", "--trust")
    assert code == 1 and ("outside the project" in text or "begins with a dot" in text), text
    assert "SECRET" not in text and "film.yaml:" in text


@pytest.mark.parametrize("place", ["./link.png", "./.hidden/secret.png", "../secret.png"])
def test_a_person_may_give_any_file(place: str, secrets: Path, capsys: Any) -> None:
    Path("film.yaml").write_text("callsheet: 1\n" + NAMED["a picture"].format("./none"))
    assert said(capsys, "check", "film.yaml", "--set", f"f={place}")[0] == 0


@pytest.mark.parametrize("link", ["models/prices.yaml", "models", "models/acme/x.json", "film.lock.yaml"])
def test_what_callsheet_finds_by_itself_is_no_link_out(link: str, secrets: Path, capsys: Any) -> None:
    shutil.copy(secrets.parent / "secret.txt", secrets.parent / "prices.yaml")
    film = FILM.replace(STILL, "acme/x") if "acme" in link else FILM
    Path("film.yaml").write_text(film)
    Path(link).parent.mkdir(parents=True, exist_ok=True)
    Path(link).symlink_to(secrets.parent if link == "models" else secrets.parent / "secret.txt")
    for verb in ("check", "plan"):
        code, text = said(capsys, verb, "film.yaml")
        assert code == 1 and "is a link to a place outside the project" in text and "SECRET" not in text
    assert (secrets.parent / "secret.txt").read_text() == "id\nSECRET: [\n"


@pytest.mark.parametrize("digest", ["zzx", "../../../secret.txt", "A" * 64, "a" * 63, 7])
def test_a_digest_in_a_lock_that_is_none_is_refused(
    digest: object, clone: Path, seller: Emulator, capsys: Any
) -> None:
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    lock = Path("film.lock.yaml").read_text()
    Path("film.lock.yaml").write_text(re.sub(r'("images\[0\]": )[0-9a-f]{64}', rf"\g<1>{digest}", lock))
    code, text = said(capsys, "plan", "film.yaml")
    assert code == 1 and "film.lock.yaml:" in text and "Traceback" not in text


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        ("the trigger free", "TRIGGER free AFTER INSERT ON runs BEGIN UPDATE runs SET budget = NULL; END"),
        ("the view mine", "VIEW mine AS SELECT 1"),
    ],
)
def test_a_ledger_with_more_in_it_is_refused(
    what: str, sql: str, clone: Path, seller: Emulator, capsys: Any
) -> None:
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    with sqlite3.connect(".callsheet/ledger.db") as ledger:
        ledger.execute(f"CREATE {sql}")
    Path("film.yaml").write_text(FILM.replace("a fox", "a cat"))
    code, text = said(capsys, "run", "film.yaml", "--yes")
    assert code == 3 and what in text and "Traceback" not in text
    assert len(seller.posts) == 1


def test_a_cache_that_names_other_files_brings_nothing(clone: Path, seller: Emulator, capsys: Any) -> None:
    secret = clone.parent / "secret.txt"
    secret.write_text("secret")
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    with sqlite3.connect(".callsheet/cache.db") as cache:
        (text,) = cache.execute("SELECT outputs FROM results WHERE uses LIKE 'fal%'").fetchone()
        entry = json.loads(text)
        medium = entry[1]["images"][1][0][1]
        medium["digest"], medium["suffix"] = "zzx", "/../../../../secret.txt"
        status = secret.stat()
        cache.execute("UPDATE results SET outputs = ?", (json.dumps(entry),))
        cache.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?)", ("x", status.st_size, status.st_mtime_ns)
        )
    shutil.rmtree("out")
    said(capsys, "run", "film.yaml", "--yes")
    assert not any(b"secret" in path.read_bytes() for path in Path("out").rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["work", "blobs", "preview", "cache.db", "preview/work"])
def test_a_link_in_the_state_folder_is_not_followed(name: str, clone: Path, capsys: Any) -> None:
    there = clone.parent / "there"
    (there / "123456-mine").mkdir(parents=True)
    link = Path(".callsheet") / name
    link.parent.mkdir(parents=True)
    link.symlink_to(there)
    code, text = said(capsys, "run", "film.yaml", "--preview")
    assert code == 1 and "is a link to a place outside the project" in text
    assert [path.name for path in there.iterdir()] == ["123456-mine"]
