"""The ledger: steps, indexes, budgets, and that both kinds of it agree."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.runtime.ledger import (
    ALLOWED,
    LIVE,
    STATES,
    Attempt,
    Ceiling,
    Change,
    Forbidden,
    Frozen,
    Intent,
    Kept,
    Ledger,
    LedgerError,
    LedgerFile,
    LedgerReader,
    MemoryLedger,
    Moved,
    NewRun,
    OverBudget,
    SqliteLedger,
    Upload,
    operations,
)
from callsheet.runtime.ledger.database import open_ledger, prepare
from callsheet.runtime.ledger.writer import InlineWriter
from tests.runtime.ledger.steps import stepped

T = TypeVar("T")
PATHS = {
    "INTENT": (),
    "SENDING": ("SENDING",),
    "UNKNOWN": ("SENDING", "UNKNOWN"),
    "ACCEPTED": ("SENDING", "ACCEPTED"),
    "RESULT": ("SENDING", "ACCEPTED", "RESULT"),
    "STORED": ("SENDING", "ACCEPTED", "RESULT", "STORED"),
    "COMMITTED": ("SENDING", "ACCEPTED", "RESULT", "STORED", "COMMITTED"),
    "REJECTED": ("REJECTED",),
    "ABSENT": ("SENDING", "UNKNOWN", "ABSENT"),
    "LOST": ("SENDING", "UNKNOWN", "LOST"),
    "FAILED": ("SENDING", "ACCEPTED", "FAILED"),
    "CANCELLED": ("CANCELLED",),
}


def intent(key: str = "k", token: str = "t", reserved: int | None = 100, run: int = 1) -> Intent:
    return Intent(key, "fal", "model", '{"prompt":"p"}', run, f"clip[{key}]", reserved, token)


def in_memory() -> SqliteLedger:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    prepare(connection, None)
    return SqliteLedger(InlineWriter(connection), lambda: 5.0)


def both() -> list[Ledger]:
    return [in_memory(), MemoryLedger(lambda: 5.0)]


async def brought(ledger: Ledger, state: str) -> Attempt:
    """A fresh attempt in `state`."""
    attempt = await ledger.intend(intent(), None)
    for step in PATHS[state]:
        attempt = await stepped(ledger, attempt.id, step, Change(request_id="r", result="{}"))  # type: ignore[arg-type]
    return attempt


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_steps_are_those_of_the_table_and_no_others(before: str, after: str) -> None:
    async def step(ledger: Ledger) -> bool:
        await ledger.start_run(NewRun("a", "film.yaml"))
        attempt = await brought(ledger, before)
        try:
            await stepped(ledger, attempt.id, after, Change(request_id="r", result="{}"))  # type: ignore[arg-type]
        except Forbidden:
            return False
        return (await ledger.get(attempt.id)).state == after

    for ledger in both():
        assert asyncio.run(step(ledger)) == (after in ALLOWED[before])  # type: ignore[index]


@pytest.mark.parametrize("after", STATES)
def test_the_database_itself_refuses_wrong_steps(after: str) -> None:
    async def forced() -> None:
        ledger = in_memory()
        await ledger.start_run(NewRun("a", "film.yaml"))
        await brought(ledger, "SENDING")
        statement = "UPDATE attempts SET state = ?, request_id = 'r', result = '{}' WHERE id = 1"
        await ledger.write(lambda c: c.execute(statement, (after,)))

    if after in ALLOWED["SENDING"]:
        asyncio.run(forced())
    else:
        with pytest.raises(Forbidden, match="not allowed"):
            asyncio.run(forced())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM attempts",
        "UPDATE attempts SET body = '{}'",
        "UPDATE attempts SET reserved = 0",
        "UPDATE attempts SET state = 'NEW'",
        "UPDATE attempts SET state = 'ACCEPTED', request_id = ''",
        "INSERT INTO artifacts VALUES (99, 'p', 'video', 'd', '.mp4', 1)",
    ],
)
def test_what_was_recorded_stays(statement: str) -> None:
    async def tried() -> None:
        ledger = in_memory()
        await ledger.start_run(NewRun("a", "film.yaml"))
        await brought(ledger, "SENDING")
        await ledger.write(lambda c: c.execute(statement))

    with pytest.raises(Forbidden):
        asyncio.run(tried())


def test_one_live_attempt_for_each_key() -> None:
    async def twice(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("a", "film.yaml"))
        first = await ledger.intend(intent(token="1"), None)
        with pytest.raises(Moved):
            await ledger.intend(intent(token="2"), None)
        await stepped(ledger, first.id, "REJECTED")
        second = await ledger.intend(intent(token="3"), (1, "REJECTED"))
        assert second.number == 2

    for ledger in both():
        asyncio.run(twice(ledger))


@pytest.mark.parametrize("state", [state for state in STATES if state not in LIVE])
def test_what_became_of_a_key_since_one_looked_has_to_be_judged_first(state: str) -> None:
    async def twice(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("a", "film.yaml"))
        found = await brought(ledger, state)
        for seen in (None, (1, "SENDING"), (2, found.state)):
            with pytest.raises(Moved, match=f"is {state} by now"):
                await ledger.intend(intent(token="2"), seen)  # type: ignore[arg-type]
        assert (await ledger.intend(intent(token="3"), (1, found.state))).number == 2

    for ledger in both():
        asyncio.run(twice(ledger))


def test_a_step_is_taken_from_the_state_that_was_judged() -> None:
    async def late(ledger: Ledger) -> str:
        await ledger.start_run(NewRun("a", "film.yaml"))
        attempt = await brought(ledger, "ACCEPTED")
        with pytest.raises(Forbidden, match="is ACCEPTED; it cannot become CANCELLED"):
            await ledger.advance(attempt.id, "CANCELLED", before="INTENT")
        with pytest.raises(KeyError):
            await ledger.advance(99, "CANCELLED", before="INTENT")
        return (await ledger.get(attempt.id)).state

    for ledger in both():
        assert asyncio.run(late(ledger)) == "ACCEPTED"


def test_the_index_alone_refuses_a_second_live_attempt() -> None:
    async def forced() -> None:
        ledger = in_memory()
        await ledger.start_run(NewRun("a", "film.yaml"))
        await ledger.intend(intent(), None)
        columns = "key, number, state, run, address, token, body, nonce, inputs, created"
        values = "'k', 2, 'INTENT', 1, 'a', 'other', '{}', 0, '{}', 1.0"
        await ledger.write(lambda c: c.execute(f"INSERT INTO attempts ({columns}) VALUES ({values})"))

    with pytest.raises(Forbidden, match="UNIQUE"):
        asyncio.run(forced())


def test_a_write_reads_no_more_than_it_needs_however_many_calls_there_are() -> None:
    """No statement of a paid call reads all calls or all attempts."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    prepare(connection, None)
    said: list[str] = []

    async def bought() -> None:
        ledger = SqliteLedger(InlineWriter(connection), lambda: 5.0)
        await ledger.start_run(NewRun("a", "film.yaml", budget=500))
        connection.set_trace_callback(said.append)
        await ledger.intend(intent(), None, Ceiling(500, 0.0, "month"))
        for before, to in itertools.pairwise(("INTENT", *PATHS["RESULT"])):
            change = Change(request_id="r", result="{}")
            await ledger.advance(1, to, change, before=before)  # type: ignore[arg-type]
        await ledger.commit(1, [Kept("video", "video", "d", ".mp4", 3)])

    asyncio.run(bought())
    connection.set_trace_callback(None)
    statements = [text for text in said if text.lstrip().startswith(("SELECT", "UPDATE", "INSERT"))]
    assert len(statements) > 10
    for text in statements:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
        read = {step.split()[1] for step in plan if step.startswith("SCAN")} - {"runs", "steps", "CONSTANT"}
        assert not read or "created >=" in text, (text, plan)


def test_a_request_belongs_to_one_attempt() -> None:
    async def claimed(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("a", "film.yaml"))
        for key in ("x", "y"):
            attempt = await ledger.intend(intent(key, key), None)
            await stepped(ledger, attempt.id, "SENDING")
        await stepped(ledger, 1, "ACCEPTED", Change(request_id="r"))
        with pytest.raises(Forbidden):
            await stepped(ledger, 2, "ACCEPTED", Change(request_id="r"))
        assert (await ledger.get(2)).state == "SENDING"

    for ledger in both():
        asyncio.run(claimed(ledger))


def test_a_budget_is_reserved_and_given_back() -> None:
    async def spend(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("a", "film.yaml", budget=250))
        for key in ("x", "y"):
            await ledger.intend(intent(key, key), None)
        with pytest.raises(OverBudget, match=r"would cost \$0.0001, but \$0.00005 of \$0.00025 are left"):
            await ledger.intend(intent("z", "z"), None)
        await stepped(ledger, 1, "REJECTED")
        await ledger.intend(intent("z", "z"), None)
        await stepped(ledger, 2, "SENDING")
        await stepped(ledger, 2, "UNKNOWN")
        assert await ledger.spent(1) == 200

    for ledger in both():
        asyncio.run(spend(ledger))


def test_what_a_month_spent_is_read_from_its_own_runs(tmp_path: Path) -> None:
    """Runs of a month before are not read; one that began there and went on counts with its later calls."""
    day, times = 86_400.0, iter(range(1_000))
    with closing(open_ledger(tmp_path / "ledger.db")) as ledger:
        for name, began, ended in (("old", 0, 20), ("over", 20, 60), ("dead", 10, None), ("new", 50, 70)):
            run = operations.start_run(ledger, NewRun(f"{name}-1", "film.yaml"), began * day)
            for asked in (began, 45, (ended or 99) - 1):
                if asked < (ended or 99):
                    token = str(next(times))
                    operations.intend(ledger, intent(token, token, run=run.id), None, asked * day)
            if ended:
                operations.finish_run(ledger, run.id, "done", ended * day)
        every = "SELECT coalesce(sum(reserved), 0) FROM attempts WHERE created >= ?"
        for since in (0, 19, 20, 21, 44, 45, 46, 98, 99):
            found = operations.spent_since(ledger, since * day)
            assert found == ledger.execute(every, (since * day,)).fetchone()[0]
        steps = ledger.execute(f"EXPLAIN QUERY PLAN {operations.SPENT_SINCE}", (0.0, 0.0)).fetchall()
        assert any("SEARCH a USING INDEX attempts_by_run" in step[-1] for step in steps)


def test_a_clock_that_was_set_back_hides_nothing_from_the_limit_of_a_month(tmp_path: Path) -> None:
    """The run asked on the second of December, and was over on the fifth of November by the clock of then."""
    day = 86_400.0
    with closing(open_ledger(tmp_path / "ledger.db")) as ledger:
        run = operations.start_run(ledger, NewRun("film-1", "film.yaml"), 31 * day)
        operations.intend(ledger, intent("x", "1", run=run.id), None, 32 * day)
        operations.finish_run(ledger, run.id, "done", 5 * day)
        december = Ceiling(150, 30 * day, "`month`")
        later = operations.start_run(ledger, NewRun("film-2", "film.yaml"), 33 * day)
        with pytest.raises(OverBudget):
            operations.intend(ledger, intent("y", "2", run=later.id), None, 33 * day, december)


def test_a_limit_of_all_runs_is_held_against_each_call() -> None:
    async def spend(ledger: Ledger) -> None:
        for name in ("a-1", "b-1"):
            await ledger.start_run(NewRun(name, "film.yaml"))
        month = Ceiling(250, 0.0, "`month`")
        await ledger.intend(intent("x", "1"), None, month)
        await ledger.intend(intent("y", "2", run=2), None, month)
        with pytest.raises(OverBudget, match=r"\$0.00005 of \$0.00025 \(`month`\) are left"):
            await ledger.intend(intent("z", "3"), None, month)
        with pytest.raises(OverBudget, match="no known price"):
            await ledger.intend(intent("z", "3", None), None, month)
        await ledger.intend(intent("z", "3"), None, Ceiling(250, 6.0, "the next month"))

    for ledger in both():
        asyncio.run(spend(ledger))


def test_calls_without_a_price_need_permission_under_a_budget() -> None:
    async def ask(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("a", "film.yaml", budget=250))
        await ledger.start_run(NewRun("b", "film.yaml", budget=250, cap=200))
        with pytest.raises(OverBudget, match="no known price"):
            await ledger.intend(intent("x", "1", None), None)
        await ledger.intend(intent("x", "2", None, run=2), None)
        with pytest.raises(OverBudget, match=r"would cost \$0.0002, but \$0.00005 of \$0.00025 are left"):
            await ledger.intend(intent("y", "3", None, run=2), None)

    for ledger in both():
        asyncio.run(ask(ledger))


def test_a_budget_goes_on_over_a_run_and_those_that_resume_it() -> None:
    async def ask(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("film-1", "film.yaml", budget=350))
        await ledger.intend(intent("x", "1"), None)
        await ledger.start_run(NewRun("film-2", "film.yaml", budget=350, resumes=1))
        await ledger.intend(intent("y", "2", run=2), None)
        third = await ledger.start_run(NewRun("film-3", "film.yaml", budget=350, resumes=1))
        assert third.first == 1
        await ledger.intend(intent("z", "3", run=3), None)
        with pytest.raises(OverBudget):
            await ledger.intend(intent("w", "4", run=3), None)
        await ledger.start_run(NewRun("film-4", "film.yaml", budget=350))
        await ledger.intend(intent("w", "5", run=4), None)

    for ledger in both():
        asyncio.run(ask(ledger))


def test_what_an_earlier_run_of_the_film_left_in_doubt_counts() -> None:
    async def ask(ledger: Ledger) -> None:
        await ledger.start_run(NewRun("film-9", "film.yaml"))
        await ledger.intend(intent("x", "1"), None)
        await stepped(ledger, 1, "SENDING")
        await stepped(ledger, 1, "UNKNOWN")
        await ledger.start_run(NewRun("film-10", "film.yaml", budget=150))
        with pytest.raises(OverBudget):
            await ledger.intend(intent("y", "2", run=2), None)
        await ledger.start_run(NewRun("film-9-1", "other.yaml", budget=150))
        await ledger.intend(intent("y", "3", run=3), None)
        await stepped(ledger, 1, "ABSENT")
        await ledger.intend(intent("z", "4", run=2), None)

    for ledger in both():
        asyncio.run(ask(ledger))


Step = tuple[str, int, str]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("intend"), st.integers(0, 2), st.sampled_from("abc")),
        st.tuples(st.just("advance"), st.integers(1, 4), st.sampled_from(STATES)),
        st.tuples(st.just("commit"), st.integers(1, 4), st.just("")),
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=120, deadline=None)
def test_both_ledgers_agree_on_every_history(steps: list[Step]) -> None:
    one, other = (asyncio.run(_history(ledger, steps)) for ledger in both())
    assert one == other


async def _history(ledger: Ledger, steps: list[Step]) -> object:
    await ledger.start_run(NewRun("a", "film.yaml", budget=450))
    said = [await _outcome(ledger, number, step) for number, step in enumerate(steps)]
    kept = [list(await ledger.kept(n)) for n in range(1, 5)]
    return said, list(await ledger.attempts()), await ledger.spent(1), kept, await ledger.durations("model")


async def _outcome(ledger: Ledger, number: int, step: Step) -> object:
    try:
        match step:
            case ("intend", key, _):
                return await ledger.intend(intent(str(key), str(number)), None)
            case ("commit", attempt, _):
                return await ledger.commit(attempt, [Kept("video", "video", "d", ".mp4", 3)])
            case (_, attempt, state):
                change = Change(request_id=f"r{number % 3}", result="{}", actual=number)
                return await stepped(ledger, attempt, state, change)  # type: ignore[arg-type]
    except (Forbidden, Moved, OverBudget, KeyError) as error:
        return type(error).__name__


def run_on_disk(tmp_path: Path, use: Callable[[SqliteLedger], Awaitable[T]]) -> T:
    async def with_it() -> T:
        ledger = SqliteLedger(LedgerFile(tmp_path / ".callsheet" / "ledger.db").writer())
        try:
            return await use(ledger)
        finally:
            await ledger.close()

    return asyncio.run(with_it())


def test_many_writers_share_commits(tmp_path: Path) -> None:
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    async def use(ledger: SqliteLedger) -> None:
        await ledger.write(lambda c: c.set_trace_callback(count))
        await ledger.start_run(NewRun("a", "film.yaml"))
        await asyncio.gather(*(ledger.intend(intent(str(n), str(n)), None) for n in range(400)))

    run_on_disk(tmp_path, use)
    assert commits < 40


def test_one_failing_operation_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    async def use(ledger: SqliteLedger) -> list[Any]:
        await ledger.start_run(NewRun("a", "film.yaml"))
        tokens = ("1", "2", "2", "3")
        work = [ledger.intend(intent(str(n), token), None) for n, token in enumerate(tokens)]
        said = await asyncio.gather(*work, return_exceptions=True)
        assert [a.token for a in await ledger.attempts()] == ["1", "2", "3"]
        return said

    kinds = [type(outcome) for outcome in run_on_disk(tmp_path, use)]
    assert kinds == [Attempt, Attempt, Forbidden, Attempt]


def test_another_connection_reads_while_a_run_goes_on(tmp_path: Path) -> None:
    async def use(ledger: SqliteLedger) -> None:
        run = await ledger.start_run(NewRun("a", "film.yaml"))
        await brought(ledger, "ACCEPTED")
        await ledger.log(run.id, ['{"event": "x"}', '{"event": "y"}'])
        file = LedgerFile(tmp_path / ".callsheet" / "ledger.db")
        reader = LedgerReader(file)
        assert [a.state for a in reader.attempts(run=1)] == ["ACCEPTED"]
        assert reader.events(1) == ['{"event": "x"}', '{"event": "y"}']
        assert reader.spent(1) == 100
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            file.open().execute("DELETE FROM events")
        reader.close()

    run_on_disk(tmp_path, use)


def test_uploads_are_remembered(tmp_path: Path) -> None:
    async def use(ledger: SqliteLedger) -> None:
        await ledger.uploaded(Upload("d", "fal", "https://a", 1.0))
        await ledger.uploaded(Upload("d", "fal", "https://b", 2.0, 9.0))
        assert await ledger.upload("d", "fal") == Upload("d", "fal", "https://b", 2.0, 9.0)
        assert await ledger.upload("d", "hf") is None

    run_on_disk(tmp_path, use)


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    async def use(ledger: SqliteLedger) -> None:
        await ledger.close()
        with pytest.raises(LedgerError, match="closed"):
            await ledger.runs()

    run_on_disk(tmp_path, use)


def test_after_a_failed_commit_nothing_more_is_taken(tmp_path: Path) -> None:
    async def use(ledger: SqliteLedger) -> None:
        await ledger.start_run(NewRun("a", "film.yaml"))
        pages = await ledger.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
        await ledger.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone())
        with pytest.raises(LedgerError, match="disk is full"):
            await ledger.log(1, ["x" * 100_000])
        with pytest.raises(LedgerError, match="disk is full"):
            await ledger.intend(intent(), None)

    run_on_disk(tmp_path, use)


def test_what_a_run_grew_with_is_kept() -> None:
    async def grown(ledger: Ledger) -> list[Frozen | None]:
        found = [await ledger.frozen("k", "shots")]
        for name, value, status in (("a", "[1]", "failed"), ("b", "[2]", "done"), ("c", "[3]", "")):
            run = await ledger.start_run(NewRun(name, "film.yaml"))
            await ledger.freeze(Frozen("k", "shots", run.id, "[0]"))
            await ledger.freeze(Frozen("k", "shots", run.id, value))
            await ledger.freeze(Frozen("k", "title", run.id, "{}"))
            if status:
                await ledger.finish_run(run.id, status)
            found.append(await ledger.frozen("k", "shots"))
        return found

    for ledger in both():
        assert asyncio.run(grown(ledger)) == [
            None,
            Frozen("k", "shots", 1, "[1]", "failed"),
            Frozen("k", "shots", 2, "[2]", "done"),
            Frozen("k", "shots", 3, "[3]", ""),
        ]
