"""Code whose lines end as on Windows: another checkout of the same file has the same keys."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.nodes.plugins import load
from callsheet.nodes.plugins.load import CodeVersion, code_version, function_version

Typed = Callable[..., tuple[int, str, str]]
CODE = b"def loud(text: str) -> str:\n    return text.upper()\n"
WINDOWS = CODE.replace(b"\n", b"\r\n")
FILM = """
callsheet: 1
name: film
nodes:
  loud: {uses: "./loud.py#loud", with: {text: harbour}}
outputs: {words: "${{ loud.text }}"}
"""


@pytest.fixture
def typed(callsheet: Typed) -> Typed:
    Path("film.yaml").write_text(FILM)
    Path("callsheet.toml").touch()
    return callsheet


def step(typed: Typed) -> tuple[str, str]:
    """What a run would do with the node, and its key."""
    code, out, _ = typed("plan", "film.yaml", "--trust", "--json")
    assert code == 0
    (found,) = json.loads(out)["steps"]
    return found["action"], found["key"]


def made(typed: Typed) -> str:
    code, out, err = typed("run", "film.yaml", "--trust", "--output", "plain")
    assert code == 0, err
    return next(line for line in out.splitlines() if line.startswith("done: "))


def test_a_code_file_counts_without_its_line_ends(typed: Typed) -> None:
    Path("loud.py").write_bytes(CODE)
    assert "1 made" in made(typed)
    before = step(typed)
    Path("loud.py").write_bytes(WINDOWS)
    assert step(typed) == before and before[0] == "reuse"
    assert "1 reused" in made(typed)


def test_what_an_earlier_version_made_of_such_a_file_is_reused(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_bytes(source: bytes) -> CodeVersion:
        return CodeVersion(hashlib.sha256(source).hexdigest()[:12])

    Path("loud.py").write_bytes(WINDOWS)
    with monkeypatch.context() as earlier:
        earlier.setattr(load, "code_version", by_bytes)
        assert "1 made" in made(typed)
        before, lock = step(typed), Path("film.lock.yaml").read_text()
    assert step(typed) == before and before[0] == "reuse"
    assert "1 reused" in made(typed)
    assert Path("film.lock.yaml").read_text() == lock


def test_the_version_of_code_with_unix_line_ends_is_as_it_was() -> None:
    plain = hashlib.sha256(CODE).hexdigest()[:12]
    assert code_version(CODE) == (plain, "")
    assert code_version(WINDOWS) == (plain, hashlib.sha256(WINDOWS).hexdigest()[:12])
    assert function_version(step).plain and function_version(len) == ("", "")
    assert function_version(eval("lambda: 0")) == ("", "")  # there is no file


def test_an_installed_node_of_such_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from callsheet.nodes.plugins import installed

    class Entry:
        module, dist = "loud", type("Dist", (), {"version": "1.0", "name": "loud"})

    def loud(text: str) -> str:
        return text

    found: Any = load
    monkeypatch.setattr(installed, "entry_point", lambda *_: Entry)
    monkeypatch.setattr(found, "imported", lambda *_: None)
    monkeypatch.setattr(found, "function_in", lambda *_: loud)
    monkeypatch.setattr(found, "function_version", lambda _: CodeVersion("aa", "bb"))
    spec = installed.find_node("loud/loud")
    assert spec is not None and (spec.version, spec.crlf_version) == ("1.0 aa", "1.0 bb")


def test_git_for_windows_changes_no_byte_of_a_new_project(
    callsheet: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not of texts that count by their bytes, such as a LUT whose result a paid model gets."""
    monkeypatch.chdir(tmp_path)
    assert callsheet("init", "film")[0] == 0
    film = tmp_path / "film"
    (film / "look.cube").write_bytes(b"LUT_3D_SIZE 2\n")
    (film / "story.fountain").write_bytes(b"INT. HOUSE\r\n")
    (film / "said.txt").write_bytes(b"a\r\nb\n")

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.autocrlf=true")
        subprocess.run(["git", *who, *words], cwd=film, check=True, capture_output=True)

    git("init", "-q")
    git("add", "--all")
    git("commit", "-qm", "A film")
    git("clone", "-q", ".", str(tmp_path / "windows"))
    names = {path.name for path in film.iterdir() if path.is_file()} - {".gitattributes", ".gitignore"}
    assert len(names) == 6
    for name in names:
        assert (tmp_path / "windows" / name).read_bytes() == (film / name).read_bytes(), name
