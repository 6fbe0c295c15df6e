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
from callsheet.cli.views.bills import bill_lines
from callsheet.emulator import Emulator
from callsheet.runtime.bills import Bill, Bills

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
    listed = json.loads(callsheet("runs", "--json")[1])["runs"]
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


def test_a_bill_that_is_there_at_the_end_of_a_run_counts(made: callsheet.Result, callsheet: Typed) -> None:
    assert "billed $0.03" in callsheet("show")[1]
    assert attempts()["card"] == (26214, 26214)


@pytest.fixture
def late(seller: Emulator) -> callsheet.Result:
    """A run whose bills are not there at its end, nor a moment later."""
    seller.fault("bill_late,times=2")
    seller.fault("pricing:http_500,times=2")
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return callsheet.run("film.yaml", confirm=True)


def test_bills_that_come_late_are_read_once_and_stand_beside_what_was_expected(
    late: callsheet.Result, callsheet: Typed
) -> None:
    assert late.status == "done" and attempts()["card"] == (26214, None)
    assert "3 requests without a bill" in callsheet("runs", "--bills")[2]
    _, _, err = callsheet("runs", "--bills")
    assert "1 bill read: $0.03, $0.03 were expected" in err and attempts()["card"] == (26214, 26214)
    assert "bill read" not in callsheet("runs", "--bills")[2]
    assert "billed $0.03" in callsheet("show")[1]


def test_bills_of_unknown_prices_are_not_held_against_nothing() -> None:
    unknown, dear = Bill("a", "x/y", None, 0.4), Bill("b", "x/y", 0.1, 0.1)
    assert [*bill_lines(Bills(new=[unknown]))] == ["1 bill read: $0.40, for calls of unknown price"]
    said = "2 bills read: $0.50, $0.10 were expected and 1 of unknown price"
    assert [*bill_lines(Bills(new=[unknown, dear]))] == [said]


def test_what_should_cost_nothing_and_does_is_said_loudly() -> None:
    first, loud = bill_lines(Bills(new=[Bill("a", "x/y", 0.0, 0.4)]))
    assert "$0.40" in first and loud == "ATTENTION: a (x/y) cost $0.40 where $0.00 was expected"


def test_reconcile_reads_bills_too(late: callsheet.Result, callsheet: Typed) -> None:
    callsheet("runs", "--bills")
    assert "1 bill read" in callsheet("reconcile")[2] and attempts()["card"] == (26214, 26214)


def test_a_bill_that_is_ten_times_as_high_is_said_loudly_and_counts(
    seller: Emulator, callsheet: Typed
) -> None:
    seller.fault("bill_tenfold")
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    code, out, err = callsheet("run", "film.yaml", "--yes")
    assert code == 0 and "ATTENTION: card" in err and "cost $0.26 where $0.03 was expected" in err
    assert "$0.26" in out.splitlines()[-1] + err and attempts()["card"] == (26214, 262140)
    assert "usd: 0.26214" in Path("film.lock.yaml").read_text(encoding="utf-8")
    assert "$0.26" in callsheet("runs")[1]


@pytest.mark.parametrize("fault", ["bill_twice", "billing:http_403", "billing:invalid_json"])
def test_an_odd_bill_is_no_wrong_total(seller: Emulator, callsheet: Typed, fault: str) -> None:
    """Where no bill can be read, the billable units of the result at the list price count."""
    seller.fault(fault)
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    assert callsheet("run", "film.yaml", "--yes")[0] == 0
    assert attempts()["card"][1] == pytest.approx(26214, abs=1)


def test_a_run_waits_only_a_moment_for_bills(
    seller: Emulator, callsheet: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.runtime.execute.session.BILL_SECONDS", 0.1)
    seller.fault("billing:slow_reply,seconds=600")
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    assert callsheet("run", "film.yaml", "--yes")[0] == 0
    assert {billed for _, billed in attempts().values()} == {None}


def test_bills_of_others_are_nobodys(seller: Emulator, callsheet: Typed) -> None:
    seller.fault("bill_of_another")
    seller.fault("pricing:http_500")
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    assert callsheet("run", "film.yaml", "--yes")[0] == 0
    assert {billed for _, billed in attempts().values()} == {None}
    assert "1 bill of requests that nobody here knows" in callsheet("runs", "--bills")[2]


def test_a_bill_replaces_what_the_units_said(seller: Emulator, callsheet: Typed) -> None:
    seller.fault("billing:http_403,times=1")
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    callsheet("run", "film.yaml", "--yes")
    seller.fault("bill_tenfold")
    assert "cost $0.26 where $0.03 was expected" in callsheet("runs", "--bills")[2]
    assert attempts()["card"] == (26214, 262140)


def attempts() -> dict[str, tuple[int | None, int | None]]:
    """Address → micro-dollars that were expected, and billed."""
    with closing(sqlite3.connect(".callsheet/ledger.db")) as ledger:
        rows = ledger.execute("SELECT address, reserved, actual FROM attempts").fetchall()
    return {address: (reserved, actual) for address, reserved, actual in rows}


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
    assert sum(int(row["unbilled"]) for row in rows) == found["total"]["unbilled"]
    assert "total" in callsheet("costs", "--by", by)[1]


def test_costs_say_what_has_no_bill(made: callsheet.Result, callsheet: Typed) -> None:
    lines = {line.split()[0]: line for line in callsheet("costs", "--by", "model")[1].splitlines()}
    assert (
        lines["fal-ai/kolors"].endswith("  no bill")
        and "$0.00" not in lines["fal-ai/kolors"].split("price")[1]
    )
    assert lines["total"].endswith("$0.03 for 1 of 3")


@pytest.mark.parametrize(
    ("balance", "said"),
    [(24.5, "fal: $24.50 of credit left\n"), (0.01, "fal: $0.01 of credit left, and this may cost $0.03\n")],
)
def test_the_credit_is_told_before_a_run(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch, callsheet: Typed, balance: float, said: str
) -> None:
    with Emulator(tiny=True, balance=balance) as provider:
        monkeypatch.setenv("CALLSHEET_FAL_URL", provider.url)
        monkeypatch.setenv("FAL_KEY", "test")
        Path("film.yaml").write_text(FILM, encoding="utf-8")
        code, _, err = callsheet("run", "film.yaml", "--yes")
        assert code == 0 and said in err
        assert "credit" not in callsheet("run", "film.yaml", "--yes")[2], "nothing is bought"


@pytest.mark.parametrize(
    "fault", ["http_403", "http_500", "invalid_json", "wrong_type", "lost_reply", "html"]
)
def test_credit_that_is_not_told_fails_no_run(seller: Emulator, callsheet: Typed, fault: str) -> None:
    seller.fault(f"account:{fault}")
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    code, _, err = callsheet("run", "film.yaml", "--yes")
    assert code == 0 and "credit" not in err
