"""`check`, `plan` and `diff` open no connection and look no host up, whatever the pipeline."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from callsheet.cli.main import main

ROOT = Path(__file__).parents[2]
FILMS = sorted((ROOT / "examples").glob("*/film.yaml"))
COMMANDS = (
    ("check", "FILE"),
    ("check", "FILE", "--json"),
    ("plan", "FILE"),
    ("plan", "FILE", "--json"),
    ("diff", "FILE", "old.yaml"),
    ("diff", "HEAD", "--", "FILE"),
    ("graph", "FILE"),
    ("lock", "FILE", "--check"),
)
USUAL = (("check", "FILE"), ("plan", "FILE"), ("diff", "FILE", "old.yaml"))
FROM_GIT = "callsheet: 1\nname: film\nnodes: {a: {uses: 'git+https://recipes.example/x@v1#a.yaml'}}\n"


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every host that this process wants to reach, and every program that it starts which may reach one."""
    found: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        found.append(arguments[-1])
        raise OSError("a test refuses every connection")

    start = subprocess.Popen.__init__

    def started(self: subprocess.Popen[bytes], words: list[str], *more: object, **options: object) -> None:
        if {"fetch", "clone", "ls-remote", "remote", "curl"} & set(map(str, words)):
            found.append(words)
        start(self, words, *more, **options)  # type: ignore[call-overload]

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(subprocess.Popen, "__init__", started)
    for name in ("FAL_KEY", "HF_TOKEN"):
        monkeypatch.setenv(name, "planted")
    return found


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.parent.name)
def test_every_example(
    film: Path, in_folder: Path, reached: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(film.parent, in_folder, dirs_exist_ok=True)
    shutil.copy(film, "old.yaml")
    for words in USUAL:
        with pytest.raises(SystemExit):
            main([word.replace("FILE", film.name) for word in words])
        assert "Traceback" not in "".join(capsys.readouterr())
    assert reached == []


def test_a_recipe_from_git(
    in_folder: Path, reached: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("film.yaml").write_text(FROM_GIT)
    shutil.copy("film.yaml", "old.yaml")
    for words in COMMANDS:
        with pytest.raises(SystemExit):
            main([word.replace("FILE", "film.yaml") for word in words])
        text = "".join(capsys.readouterr())
        assert words[0] == "diff" or "recipes.example" in text, words
    assert reached == []
    with pytest.raises(SystemExit):
        main(["check", "film.yaml", "--fetch"])
    assert reached, "what is told to fetch does so"
