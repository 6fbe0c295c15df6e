"""Control characters from every source: arguments, variables, files beside a pipeline, state, notes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

EVIL = "\x1b[2J\x1b]0;x\x07\x9b1m\u202e\u2066\x08\x7f\x0b"
RAW = ("\x1b[2J", "\x1b]0;", "\x07", "\x9b", "\u202e", "\u2066", "\x08", "\x7f", "\x0b")
FILM = """callsheet: 1
name: film
inputs: {t: {type: string, default: hi}}
nodes: {a: {uses: text/split, with: {text: "${{ inputs.t }}"}}}
outputs: {parts: "${{ a.parts }}"}
"""
VERBS = (
    ("check", "film.yaml"),
    ("plan", "film.yaml"),
    ("explain", "film.yaml", "a"),
    ("run", "film.yaml"),
    ("lock", "film.yaml"),
    ("lock", "film.yaml", "--check"),
    ("runs",),
    ("show",),
    ("costs",),
    ("reconcile",),
    ("takes", "film.yaml", "a"),
    ("cache", "ls"),
    ("models", "diff", "--offline"),
    ("models", "show", "acme/x"),
    ("diff", "HEAD", "--", "film.yaml"),
)
ARGUMENTS = (
    ("check", f"film{EVIL}.yaml"),
    ("check", "film.yaml", "--set", f"t={EVIL}"),
    ("check", "film.yaml", "--set", f"{EVIL}=1"),
    ("check", "film.yaml", "--set", EVIL),
    ("check", "film.yaml", "--inputs", EVIL),
    ("run", "film.yaml", "--set", f"t=a{EVIL}"),
    ("run", "film.yaml", "--only", EVIL),
    ("run", "film.yaml", "--out", f"o{EVIL}"),
    ("run", "film.yaml", "--budget", EVIL),
    ("run", "film.yaml", "--store", f"s{EVIL}"),
    ("run", "film.yaml", "--output", EVIL),
    ("explain", "film.yaml", f"a{EVIL}"),
    ("diff", EVIL, "--", "film.yaml"),
    ("diff", "film.yaml", f"film{EVIL}.yaml"),
    ("models", EVIL),
    ("models", "show", EVIL),
    ("recipes", EVIL),
    ("resume", EVIL),
    ("show", EVIL),
    ("open", f"{EVIL}.png"),
    ("origin", f"{EVIL}.png"),
    ("adopt-state", EVIL),
    ("cache", "gc", "--older-than", EVIL),
    ("emulator", "--config", EVIL),
    ("emulator", "--fault", EVIL),
    ("emulator", "--latency", EVIL),
    (EVIL,),
    (f"--{EVIL}",),
)


def _model() -> None:
    schema = {
        "type": "object",
        "properties": {"prompt": {"type": "string", "description": EVIL, "enum": [EVIL]}},
    }
    content = {"content": {"application/json": {"schema": schema}}}
    paths = {"/acme/x": {"post": {"requestBody": content, "summary": EVIL}}}
    paths["/acme/x/requests/{request_id}"] = {"get": {"responses": {"200": content}}}
    Path("models/acme").mkdir(parents=True)
    Path("models/acme/x.json").write_text(
        json.dumps({"info": {"title": EVIL, "version": EVIL}, "paths": paths})
    )
    Path("film.yaml").write_text(FILM.replace("text/split, with: {text", "acme/x, with: {prompt"))


def _prices() -> None:
    Path("models").mkdir()
    Path("models/prices.yaml").write_text(
        f'"fal-ai/x{json.dumps(EVIL)[1:-1]}": {{usd: 1, unit: {json.dumps(EVIL)}}}\n'
    )


def _lock() -> None:
    text = json.dumps(EVIL)
    Path("film.lock.yaml").write_text(
        f"callsheet_lock: 1\ninstances:\n  {text}: {{key: {text}, uses: {text}}}\n{text}: 1\n"
    )


def _shots() -> None:
    Path("shots.csv").write_text(f'id,"x{EVIL}",description\na{EVIL},b,"c{EVIL}"\n')
    Path("film.yaml").write_text(
        FILM.replace(
            'text/split, with: {text: "${{ inputs.t }}"}', "text/shots, with: {file: ./shots.csv}"
        ).replace("a.parts", "a.shots")
    )


def _ledger() -> None:
    _run("run", "film.yaml")
    from callsheet.runtime.ledger.database import open_ledger

    ledger = open_ledger(Path(".callsheet/ledger.db"))
    ledger.execute(
        "INSERT INTO runs (name, pipeline, unpriced, started, status, pid) VALUES (?, ?, 0, 1, ?, 1)",
        [f"film{EVIL}", json.dumps({"file": f"film{EVIL}.yaml"}), ""],
    )
    ledger.close()


def _cache() -> None:
    _run("run", "film.yaml")
    with sqlite3.connect(".callsheet/cache.db") as cache:
        cache.execute(
            "UPDATE results SET uses = ?, outputs = replace(outputs, 'hi', ?)", [EVIL, json.dumps(EVIL)[1:-1]]
        )


def _variables() -> None:
    os.environ.update(
        CALLSHEET_STORE=f"s{EVIL}", CALLSHEET_TODAY=EVIL, CALLSHEET_PROXY=EVIL, CALLSHEET_FAL_URL=EVIL
    )
    os.environ.update(COLUMNS=EVIL, NO_COLOR=EVIL, LANG=EVIL, FAL_KEY=f"k{EVIL}")


def _ref() -> None:
    Path(".git").mkdir()
    Path(".git/HEAD").write_text(f"ref: refs/heads/{EVIL}\n")


SOURCES: dict[str, Callable[[], None]] = {
    "model": _model,
    "prices": _prices,
    "lock": _lock,
    "table": _shots,
    "ledger": _ledger,
    "cache": _cache,
    "variables": _variables,
    "ref": _ref,
}


def _run(*words: str) -> str:
    command = [sys.executable, "-m", "callsheet", *words]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.fixture(autouse=True)
def film(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    for name in (
        "CALLSHEET_STORE",
        "CALLSHEET_PROXY",
        "CALLSHEET_FAL_URL",
        "COLUMNS",
        "NO_COLOR",
        "LANG",
        "FAL_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def harmless(text: str) -> None:
    assert [raw for raw in RAW if raw in text] == [], text
    assert "Traceback" not in text and "callsheet has a bug" not in text, text


def in_one_process(*commands: tuple[str, ...]) -> str:
    """What several commands print, one after the other, to a pipe."""
    script = (
        "import sys, contextlib, json\nfrom callsheet.cli.main import main\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    with contextlib.suppress(SystemExit):\n        main(words)\n"
    )
    command = [sys.executable, "-c", script, json.dumps(commands)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120, stdin=subprocess.DEVNULL)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_reaches_the_terminal_raw(source: str) -> None:
    SOURCES[source]()
    text = in_one_process(*VERBS)
    assert text
    harmless(text)


def test_no_argument_does(in_folder: Path) -> None:
    text = in_one_process(*ARGUMENTS)
    harmless(text)
    assert text.count("\\u001b]0;x") > len(ARGUMENTS) / 2


def test_no_note_of_a_picture_does() -> None:
    info = PngImagePlugin.PngInfo()
    note = {"callsheet": 1, "name": EVIL, "made": {"address": EVIL, "uses": EVIL, "with": {"prompt": EVIL}}}
    info.add_itxt("callsheet", json.dumps(note, ensure_ascii=False))
    info.add_text("Comment", EVIL)
    Image.new("RGB", (8, 8)).save("a.png", pnginfo=info)
    harmless(
        in_one_process(("open", "a.png"), ("open", "a.png", "--json"), ("open", "a.png", "-o", "b.yaml"))
    )
