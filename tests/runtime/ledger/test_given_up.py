"""What an earlier version gave up though it was paid for is to be fetched: no version bills anybody again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.ledger.database import open_ledger
from callsheet.runtime.ledger.schema import GIVEN_UP, MIGRATIONS

RESULT = '{"images": [{"url": "https://v3.fal.media/a.png"}]}'
EARLIER = MIGRATIONS[:3]
RUN = "INSERT INTO runs (name, pipeline, unpriced, started, pid) VALUES ('a', 'f', 0, 1, 1)"
CALL = "INSERT OR IGNORE INTO calls VALUES (?, 'fal', 'model', 1, 1)"
INTENT = """
    INSERT INTO attempts (key, number, state, run, address, token, body, nonce, inputs, created)
    VALUES (?, ?, 'INTENT', 1, 'clip', ?, '{}', 0, '{}', 1)
"""
END = "UPDATE attempts SET state = ?, request_id = ?, result = ?, error = ?, ended = ? WHERE id = ?"
STEPS = {
    "FAILED": ("SENDING", "ACCEPTED", "FAILED"),
    "COMMITTED": ("SENDING", "ACCEPTED", "RESULT", "STORED", "COMMITTED"),
    "ACCEPTED": ("SENDING", "ACCEPTED"),
    "REJECTED": ("REJECTED",),
}


def left_by_an_earlier_version(path: Path, *attempts: tuple[str, str, str, str]) -> None:
    """A ledger with attempts: (key, state, result, error)."""
    with closing(open_ledger(path, EARLIER)) as ledger:
        ledger.execute(RUN)
        numbers: dict[str, int] = {}
        for id, (key, state, result, error) in enumerate(attempts, start=1):
            numbers[key] = numbers.get(key, 0) + 1
            ledger.execute(CALL, (key,))
            ledger.execute(INTENT, (key, numbers[key], f"token {id}"))
            for step in STEPS[state]:
                ledger.execute(
                    END, (step, f"r{id}", result or ("x" if state == "COMMITTED" else ""), error, 5.0, id)
                )


def found(path: Path) -> list[tuple[str, str]]:
    with closing(LedgerReader(path)) as reader:
        return [(attempt.state, attempt.decision) for attempt in reader.attempts()]


@pytest.mark.parametrize(
    ("result", "error", "state"),
    [
        (RESULT, "the file's server answered 520 where 200 was expected", "RESULT"),
        (RESULT, "the files of its result are gone", "RESULT"),
        ('{"images": []}', "the promised output seed is missing; what came: images (request r1)", "RESULT"),
        ("", "the provider no longer has request r1: Not found", "ACCEPTED"),
        (
            "",
            "a URL of the reply is not used: it is http://x, and only https on port 443 is used",
            "ACCEPTED",
        ),
    ],
)
def test_what_the_provider_completed_is_to_be_fetched(
    result: str, error: str, state: str, tmp_path: Path
) -> None:
    path = tmp_path / ".callsheet" / "ledger.db"
    left_by_an_earlier_version(path, ("k", "FAILED", result, error))
    before = path.read_bytes()
    assert found(path) == [(state, GIVEN_UP)]
    assert path.read_bytes() == before
    open_ledger(path).close()
    assert found(path) == [(state, GIVEN_UP)]
    with closing(LedgerReader(path)) as reader:
        (attempt,) = reader.attempts()
    assert (attempt.ended, attempt.error, attempt.request_id) == (None, error, "r1")


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ("", "the model failed: Internal server error (request r1)"),
        ("", "the provider refuses this content: flagged (request r1)"),
        ("", "request r1 was cancelled"),
        ('{"output": "no"}', "the model's answer is no JSON object (request r1): no"),
        ('{"output": ""}', "the model refuses to answer: no (request r1)"),
    ],
)
def test_what_the_model_failed_at_stays_failed(result: str, error: str, tmp_path: Path) -> None:
    path = tmp_path / ".callsheet" / "ledger.db"
    left_by_an_earlier_version(path, ("k", "FAILED", result, error))
    open_ledger(path).close()
    assert found(path) == [("FAILED", "")]


def test_of_several_attempts_at_a_call_the_newest_counts(tmp_path: Path) -> None:
    path = tmp_path / ".callsheet" / "ledger.db"
    late = "the file is not there any more (404)"
    left_by_an_earlier_version(
        path, ("k", "FAILED", RESULT, late), ("k", "FAILED", RESULT, late), ("k", "REJECTED", "", "422")
    )
    open_ledger(path).close()
    assert [state for state, _ in found(path)] == ["FAILED", "RESULT", "REJECTED"]


@pytest.mark.parametrize("state", ["COMMITTED", "ACCEPTED"])
def test_what_was_bought_once_more_is_left_at_that(state: str, tmp_path: Path) -> None:
    path = tmp_path / ".callsheet" / "ledger.db"
    late = "the file is not there any more (404)"
    left_by_an_earlier_version(path, ("k", "FAILED", RESULT, late), ("k", state, "", ""))
    open_ledger(path).close()
    assert [state for state, _ in found(path)] == ["FAILED", state]
