"""Totals tell the truth: what is not known is said, and what was billed stands beside what was expected."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator

Typed = Callable[..., tuple[int, str, str]]
FILM = """
callsheet: 1
name: harbour
axes:
  shot: {over: [dawn, dusk]}
nodes:
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a harbour, image_size: square, seed: 1}
  still:
    each: shot
    uses: fal-ai/kolors
    with: {prompt: "a harbour at ${{ shot }}"}
outputs:
  card: ${{ card.images[0] }}
  stills: ${{ still.images }}
"""


@pytest.fixture
def made(seller: Emulator) -> callsheet.Result:
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return callsheet.run("film.yaml", confirm=True)


def test_a_run_says_that_its_total_is_not_all(made: callsheet.Result, callsheet: Typed) -> None:
    assert made.status == "done" and made.unpriced == 2 and 0 < made.usd < 0.1
    assert "≥ $0.03, 2 of unknown price" in callsheet("runs")[1]
    listed = json.loads(callsheet("runs", "--json")[1])
    assert [run["unpriced"] for run in listed] == [2]
    assert "≥ $0.03, 2 of unknown price" in callsheet("show")[1]
    assert "≥" in repr(made)


def test_the_last_line_of_a_run_says_so_too(seller: Emulator, callsheet: Typed) -> None:
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    _, out, err = callsheet("run", "film.yaml", "--yes", "--unpriced")
    assert "≥ $0.03, 2 of unknown price" in out + err


def test_the_lock_says_null_where_nobody_knows(made: callsheet.Result, callsheet: Typed) -> None:
    text = Path("film.lock.yaml").read_text(encoding="utf-8")
    assert text.count("usd: null") == 2
    assert "agree" in callsheet("lock", "film.yaml", "--check")[1]
    callsheet("run", "film.yaml", "--yes")
    assert Path("film.lock.yaml").read_text(encoding="utf-8") == text


def test_bills_are_read_once_and_stand_beside_what_was_expected(
    made: callsheet.Result, seller: Emulator, callsheet: Typed
) -> None:
    _, _, err = callsheet("runs", "--bills")
    assert "3 bills read" in err and "without a bill" not in err
    with closing(sqlite3.connect(".callsheet/ledger.db")) as ledger:
        rows = ledger.execute("SELECT address, reserved, actual FROM attempts ORDER BY address").fetchall()
    assert [actual for _, _, actual in rows] == [rows[0][1], 0, 0]
    assert "bills read" not in callsheet("runs", "--bills")[2]
    assert "unknown price" not in callsheet("runs")[1]
    assert "billed $0.03" in callsheet("show")[1]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("film", ["harbour"]),
        ("shot", ["0", "1", "card"]),
        ("model", ["fal-ai/hunyuan-image/v3/text-to-image", "fal-ai/kolors"]),
        ("take", ["take 1"]),
    ],
)
def test_costs_add_up(made: callsheet.Result, callsheet: Typed, by: str, names: list[str]) -> None:
    found = json.loads(callsheet("costs", "--by", by, "--json")[1])
    assert sorted(line["name"] for line in found["costs"]) == names
    assert found["total"]["usd"] == pytest.approx(made.usd) and found["total"]["unpriced"] == 2
    rows = list(csv.DictReader(io.StringIO(callsheet("costs", "--by", by, "--csv")[1])))
    assert sorted(row[by] for row in rows) == names
    assert "total" in callsheet("costs", "--by", by)[1]
