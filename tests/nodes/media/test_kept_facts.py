"""Facts that outlive a process: only of files that did not change, and only where no one else may write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from callsheet.nodes.media import inspector
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.media.kept_facts import KeptFacts
from callsheet.spec.media import Facts

FACTS = Facts(seconds=4.5, width=640, height=360, fps=24.0, audio=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x" * 100)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "configuration"


def kept(folder: Path, file: Path) -> Facts | None:
    return KeptFacts(folder).find(file)


def keep(folder: Path, file: Path, facts: Facts = FACTS) -> None:
    facts_here = KeptFacts(folder)
    facts_here.add(file, facts)
    facts_here.write()


def test_they_are_there_in_the_next_process(file: Path, folder: Path) -> None:
    assert kept(folder, file) is None
    keep(folder, file)
    assert kept(folder, file) == FACTS
    other = file.with_name("other.mp4")
    other.write_bytes(b"y")
    os.utime(other, (1_700_000_000, 1_700_000_000))
    keep(folder, other, Facts())
    assert (kept(folder, file), kept(folder, other)) == (FACTS, Facts())


def test_a_file_that_changed_has_none(file: Path, folder: Path) -> None:
    keep(folder, file)
    before = file.stat()
    file.write_bytes(b"z" * 100)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # size and time are as they were
    assert kept(folder, file) is None


def test_a_file_that_was_just_written_is_not_kept(file: Path, folder: Path) -> None:
    os.utime(file)
    keep(folder, file)
    assert kept(folder, file) is None and not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="the rights of files are those of POSIX")
def test_a_file_that_others_may_write_does_not_count(file: Path, folder: Path) -> None:
    keep(folder, file)
    (folder / "facts.json").chmod(0o666)
    assert kept(folder, file) is None
    keep(folder, file)  # written anew, it is this user's alone
    assert kept(folder, file) == FACTS and (folder / "facts.json").stat().st_mode & 0o777 == 0o600


HOSTILE = ([], "x", [1], [-1, 2, 2, 1, True], [1e400, 2, 2, 1, True], [1, 2.5, 2, 1, None], [1, 2, 2, 1, "y"])


@pytest.mark.parametrize("said", HOSTILE, ids=str)
def test_what_cannot_be_facts_is_read_again(file: Path, folder: Path, said: object) -> None:
    keep(folder, file)
    path = folder / "facts.json"
    content = json.loads(path.read_text())
    content["facts"] = dict.fromkeys(content["facts"], said)
    path.write_text(json.dumps(content))
    assert kept(folder, file) is None
    for text in ("", "[]", '{"program": 1}', "[" * 100_000, '{"program": "another", "facts": {}}'):
        path.write_text(text)
        assert kept(folder, file) is None


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes with a name")
def test_a_pipe_in_its_place_holds_nobody_up(file: Path, folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "facts.json")
    assert kept(folder, file) is None


def test_of_a_file_that_is_gone_nothing_is_kept(file: Path, folder: Path) -> None:
    file.unlink()
    keep(folder, file)
    assert kept(folder, file) is None and not folder.exists()


def test_a_project_cannot_bring_facts(
    file: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts make prices, and a project may come from somebody else: nothing in it is asked."""
    state = tmp_path / "project" / ".callsheet"
    keep(state, file, Facts(seconds=0.1))
    monkeypatch.chdir(state.parent)
    assert kept(folder, file) is None and KeptFacts().find(file) is None


def test_a_picture_is_decoded_once_for_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "still.png"
    Image.new("RGB", (40, 30)).save(path)
    os.utime(path, (time.time() - 60,) * 2)
    monkeypatch.setenv("CALLSHEET_CONFIG", str(tmp_path / "own"))
    look = (
        "import sys; from pathlib import Path; from callsheet.nodes.media.inspector import MediaInspector;"
        "print(MediaInspector().probe(Path(sys.argv[1])).width, 'PIL' in sys.modules)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert told == [["40", "True"], ["40", "False"]]


def test_without_a_folder_nothing_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.nodes.media.kept_facts.configuration", lambda: None)
    facts = KeptFacts()
    facts.add(file, FACTS)
    facts.write()
    assert KeptFacts().find(file) is None


def test_the_inspector_uses_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "still.png"
    Image.new("RGB", (41, 30)).save(path)
    os.utime(path, (time.time() - 60,) * 2)
    facts = KeptFacts(tmp_path / "own")
    facts.add(path, Facts(width=7, height=8))
    monkeypatch.setattr(inspector, "_kept_facts", lambda: facts)
    assert MediaInspector().probe(path) == Facts(width=7, height=8)
