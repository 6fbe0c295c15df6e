"""The file that a verb reads: the only pipeline of the folder, or what is no file at all."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import FrameType

import pytest

from callsheet.cli.main import main

FILM = """callsheet: 1
name: film
inputs:
  rows: {type: list, items: {id: string}, default: [{id: a}, {id: b}]}
  note: {type: file, default: ./film.yaml}
nodes:
  parts: {uses: text/split, with: {text: "${{ inputs.rows.id | join }}"}}
  board: {uses: text/shots, with: {file: "${{ inputs.note }}"}}
outputs: {rows: "${{ inputs.rows }}"}
"""
VERBS = {
    "check": ("check", "PIPE"),
    "plan": ("plan", "PIPE"),
    "graph": ("graph", "PIPE"),
    "run": ("run", "PIPE", "--preview"),
    "run --yes": ("run", "PIPE", "--yes"),
    "explain": ("explain", "PIPE", "a"),
    "takes": ("takes", "PIPE", "a"),
    "pick": ("pick", "PIPE", "a", "1"),
    "retake": ("retake", "PIPE", "a"),
    "approve": ("approve", "PIPE", "a"),
    "lock": ("lock", "PIPE"),
    "lock --check": ("lock", "PIPE", "--check"),
    "substitute": ("substitute", "PIPE", "fal-ai/veo3.1", "fal-ai/veo3.1/fast"),
    "open": ("open", "PIPE"),
    "origin": ("origin", "PIPE"),
    "diff, old": ("diff", "PIPE", "film.yaml"),
    "diff, new": ("diff", "film.yaml", "PIPE"),
    "adopt-state": ("adopt-state", "PIPE"),
    "inputs": ("check", "film.yaml", "--inputs", "PIPE"),
    "list": ("check", "film.yaml", "--set", "rows=PIPE"),
    "file": ("run", "film.yaml", "--preview", "--set", "note=PIPE"),
    "settings": ("emulator", "--config", "PIPE"),
    "certificate": ("emulator", "--tls-cert", "PIPE", "--tls-key", "PIPE"),
}
IN_PLACE = (
    "film.lock.yaml",
    "models/prices.yaml",
    ".callsheet/ledger.db",
    ".callsheet/cache.db",
    "board.yaml",
)


@pytest.fixture
def project(in_folder: Path) -> Path:
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    return in_folder


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What a command says. It may take five seconds, where it would wait for a pipe for ever."""

    def waits(_: int, __: FrameType | None) -> None:
        raise AssertionError(f"{' '.join(words)} waits for a pipe")

    before = signal.signal(signal.SIGALRM, waits)
    signal.alarm(5)
    try:
        with pytest.raises(SystemExit) as stop:
            main(words)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err and "a bug" not in out + err
    return int(stop.value.code or 0), out + err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
class TestNoFile:
    @pytest.mark.parametrize("suffix", [".yaml", ".json", ".csv", ".png"])
    @pytest.mark.parametrize("verb", VERBS)
    def test_a_pipe_is_not_waited_for(
        self, verb: str, suffix: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pipe = f"./pipe{suffix}"
        os.mkfifo(pipe)
        code, text = said(capsys, *(word.replace("PIPE", pipe) for word in VERBS[verb]))
        assert code == 1 and (f"pipe{suffix}" in text or verb.startswith("diff"))

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
    def test_nor_is_a_device_read(
        self, device: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for words in (
            ("check", device),
            ("run", device),
            ("check", "film.yaml", "--inputs", device),
            ("open", device),
            ("origin", device),
        ):
            assert "it is a pipe or a device, not a file" in said(capsys, *words)[1]

    @pytest.mark.parametrize("place", IN_PLACE)
    @pytest.mark.parametrize("words", [("plan", "film.yaml"), ("run", "film.yaml", "--preview"), ("runs",)])
    def test_a_pipe_in_place_of_a_file_of_ours(
        self, place: str, words: tuple[str, ...], project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        if place == "board.yaml":
            Path("film.yaml").write_text("callsheet: 1\nnodes: {a: {uses: ./board.yaml}}\n")
        os.mkfifo(place)
        said(capsys, *words)


class TestTheOnlyPipeline:
    @pytest.mark.parametrize("verb", ["check", "plan", "graph", "lock"])
    def test_is_meant(self, verb: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("film.lock.yaml").write_text("callsheet: 1\nentries: {}\n")
        Path("notes.yaml").write_text("a: 1\n")
        text = said(capsys, verb)[1]
        assert "film" in text and "no FILE" not in text

    def test_a_preview_of_it(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("film.yaml").write_text(FILM.replace("  board", "  #"))
        code, text = said(capsys, "run", "--preview")
        assert code == 0 and 'rows: [{"id": "a"}, {"id": "b"}]' in text

    def test_several_are_named(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("trailer.yml").write_text(FILM)
        code, text = said(capsys, "plan")
        assert code == 1 and "this folder has 2 pipelines (film.yaml, trailer.yml)" in text

    def test_none_is_said(self, in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, text = said(capsys, "check")
        assert code == 1 and "this folder has no pipeline" in text and "callsheet init" in text


def test_outputs_are_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mapping was printed as Python writes it, once for each element of a list."""
    data = {"id": "scene1", "on": True, "none": None, "é": [1.5]}
    Path("film.yaml").write_text(
        f"callsheet: 1\nname: film\ninputs: {{s: {{type: json, default: {json.dumps(data)}}}}}\n"
        "nodes: {a: {uses: text/split, with: {text: hi}}}\n"
        'outputs: {script: "${{ inputs.s }}", lines: ["one", "two"]}\n'
    )
    text = said(capsys, "run", "--preview")[1]
    assert f"script: {json.dumps(data, ensure_ascii=False)}\n" in text
    assert "lines: one\nlines: two\n" in text


@pytest.mark.parametrize("verb", ["check", "plan", "run"])
def test_a_file_that_may_not_be_read(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """As for a user without the right; the one of these tests may be able to read every file."""

    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr("callsheet.dsl.yaml.reader.read_regular", refuse)
    code, text = said(capsys, verb, "film.yaml")
    assert code == 1 and "film.yaml:1:1: error[file-unreadable]: cannot read film.yaml" in text
    assert "check the path and its permissions" in text
