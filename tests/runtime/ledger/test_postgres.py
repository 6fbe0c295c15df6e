"""The ledger on a server: the rules of a file, also while others write and connections are lost."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from callsheet import failpoints
from callsheet.runtime.calls.recover import recover
from callsheet.runtime.ledger import (
    ALLOWED,
    STATES,
    UNFETCHED,
    Attempt,
    Ceiling,
    Change,
    Forbidden,
    Frozen,
    Kept,
    LedgerError,
    LedgerFile,
    LedgerReader,
    MemoryLedger,
    Moved,
    NewRun,
    OverBudget,
    TakenOver,
    Upload,
    books_of,
)
from callsheet.runtime.store.os_lock import InUseForNow
from tests.postgres import Server
from tests.runtime.ledger.steps import stepped
from tests.runtime.ledger.test_ledger import PATHS, intent

psycopg = pytest.importorskip("psycopg")

from callsheet.runtime.ledger.postgres import keeper, pool, session, tables  # noqa: E402
from callsheet.runtime.ledger.postgres import ledger as statements  # noqa: E402
from callsheet.runtime.ledger.postgres.address import address_of  # noqa: E402
from callsheet.runtime.ledger.postgres.ledger import PostgresLedger  # noqa: E402
from callsheet.runtime.ledger.postgres.session import Session  # noqa: E402

pytestmark = pytest.mark.needs("postgres")
T = TypeVar("T")
Use = Callable[[PostgresLedger], Awaitable[T]]


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver whose lock is free does not come back."""
    monkeypatch.setattr(keeper, "FREE_SECONDS", 0.0)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "film" / ".callsheet"


@pytest.fixture
def run(books_url: str, state: Path) -> Callable[[Use[T]], T]:
    """Use the ledger of a project."""

    def used(use: Use[T]) -> T:
        async def opened() -> T:
            ledger = books_of(state, state.parent).ledger()
            assert isinstance(ledger, PostgresLedger)
            try:
                return await use(ledger)
            finally:
                await ledger.close()

        return asyncio.run(opened())

    return used


def second(state: Path) -> PostgresLedger:
    """The ledger of another driver, in another clone."""
    clone = state.parents[1] / "clone" / ".callsheet"
    found = books_of(clone, clone.parent).ledger()
    assert isinstance(found, PostgresLedger)
    return found


async def brought(ledger: PostgresLedger, key: str, to: str) -> Attempt:
    attempt = await ledger.intend(intent(key, key), None)
    for step in PATHS[to]:
        change = Change(request_id=f"r-{key}", result="{}")
        attempt = await stepped(ledger, attempt.id, step, change)  # type: ignore[arg-type]
    return attempt


def test_steps_are_those_of_the_table_and_no_others(run: Any) -> None:
    async def use(ledger: PostgresLedger) -> None:
        await ledger.start_run(NewRun("a-1", "film.yaml"))
        for before, after in itertools.product(STATES, STATES):
            attempt = await brought(ledger, f"{before} {after}", before)
            change = Change(request_id=f"r-{before} {after}", result="{}")
            try:
                done = await ledger.advance(attempt.id, after, change, before=before)
            except Forbidden:
                assert after not in ALLOWED[before]
            else:
                assert after in ALLOWED[before] and done == await ledger.get(attempt.id)
        first = (await ledger.attempts())[0]
        for statement in (
            "DELETE FROM attempts",
            "TRUNCATE attempts CASCADE",
            "UPDATE attempts SET body = '[]'",
            "UPDATE attempts SET state = 'COMMITTED' WHERE state = 'INTENT'",
            "INSERT INTO artifacts VALUES (0, 'p', 'video', 'd', '.mp4', 1)",
        ):
            with pytest.raises(Forbidden):
                await ledger.pool.write(lambda s, said=statement: s.execute(said))
        assert (await ledger.attempts())[0] == first

    run(use)


def test_it_says_what_the_ledger_in_memory_says(run: Any) -> None:
    async def history(ledger: Any) -> list[object]:
        said: list[object] = [await ledger.frozen("k", "shots"), await ledger.last("k")]
        first = await ledger.start_run(NewRun("a-1", "film.yaml", budget=450, cap=50))
        for key in "xyz":
            await ledger.intend(intent(key, key), None)
        with pytest.raises(OverBudget) as error:
            await ledger.intend(intent("w", "w", 200), None)
        said.append(str(error.value))
        await ledger.advance(1, "SENDING", Change(boot="b", uptime=3.0, sent_by=4.0), before="INTENT")
        await ledger.advance(1, "ACCEPTED", Change(request_id="r", reply='"\\u0000"'), before="SENDING")
        await ledger.note(1, Change(error_kind="unavailable", error="503"))
        await ledger.advance(1, "RESULT", Change(result='{"a":"é 😀"}', units=2.5), before="ACCEPTED")
        await ledger.commit(1, [Kept(f"v[{n}]", "video", "d", ".mp4", 3) for n in range(12)])
        await ledger.advance(2, "REJECTED", before="INTENT")
        for key, token, seen in (("x", "t1", None), ("y", "t2", (1, "INTENT")), ("z", "t3", None)):
            with pytest.raises(Moved) as moved:
                await ledger.intend(intent(key, token), seen)
            said.append(moved.value.message)
        await ledger.intend(intent("y", "t4"), (1, "REJECTED"))
        await ledger.uploaded(Upload("d", "fal", "https://a", 1.0))
        await ledger.uploaded(Upload("d", "fal", "https://b", 2.0, 9.0))
        await ledger.freeze(Frozen("k", "shots", 1, "[0]"))
        await ledger.freeze(Frozen("k", "shots", 1, "[1]"))
        await ledger.bill({1: 90})
        await ledger.finish_run(1, "done")
        said += [await ledger.upload("d", "fal"), await ledger.frozen("k", "shots"), await ledger.kept(1)]
        said += [list(await ledger.attempts()), list(await ledger.attempts(*UNFETCHED, run=1))]
        said += [
            list(await ledger.chargeable("COMMITTED")),
            await ledger.spent(1),
            await ledger.durations("model"),
        ]
        said += [
            await ledger.owner("r"),
            await ledger.live("y"),
            await ledger.committed("x"),
            await ledger.last("y"),
        ]
        return [*said, list(await ledger.runs()), first]

    expected = asyncio.run(history(MemoryLedger(lambda: 5.0)))

    async def use(ledger: PostgresLedger) -> list[object]:
        ledger._now = lambda: 5.0
        return await history(ledger)

    assert [_listed(one) for one in run(use)] == [_listed(one) for one in expected]


def _listed(value: object) -> object:
    return list(value) if isinstance(value, list | tuple) else value


def test_what_is_read_is_what_was_written(run: Any, state: Path) -> None:
    async def use(ledger: PostgresLedger) -> None:
        await ledger.start_run(NewRun("film-1", "film.yaml"))
        await brought(ledger, "k", "RESULT")
        await ledger.commit(1, [Kept("video", "video", "d", ".mp4", 3)])
        await ledger.log(1, ['{"event": "x"}', "with a \0 zero"])
        await ledger.log(1, ['{"event": "y"}'])

    run(use)
    reader = LedgerReader(books_of(state, state.parent))
    assert reader.events(1) == ['{"event": "x"}', "with a \ufffd zero", '{"event": "y"}']
    assert [run.name for run in reader.runs()] == ["film-1"] and reader.spent(1) == 100
    found = reader.newest("clip[k]", "film-")
    assert found is not None and reader.knows(found) and reader.kept(found.id)[0].digest == "d"
    assert reader.addresses("film-") == {"clip[k]"} and reader.committed_at("clip[k]") == [found]
    assert (reader.counted(1, "film-"), reader.counted(None, "film-"), reader.spent_since(0.0)) == (
        100,
        0,
        100,
    )
    assert reader.billed(9) == [] and not reader.at_work(1) and reader.maker(1).startswith("film-1 on ")
    reader.close()
    assert len(reader.attempts()) == 1
    reader.close()


BUDGETS = ("run", "month")


@pytest.mark.parametrize("what", BUDGETS)
def test_calls_at_once_keep_to_a_budget(what: str, run: Any, state: Path) -> None:
    """Of two drivers, where it is the limit of a month."""
    assert asyncio.run(_at_once(what, state)) == 10


@pytest.mark.parametrize("what", BUDGETS)
def test_without_its_lock_they_would_not(
    what: str, run: Any, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "RESERVE", statements.RESERVE.replace("FOR NO KEY UPDATE", ""))
    monkeypatch.setattr(statements, "ONE_MONTH", "SELECT 1")
    assert any(asyncio.run(_at_once(what, state, n)) > 10 for n in range(20))


async def _at_once(what: str, state: Path, number: int = 0) -> int:
    """How many of fifty calls are reserved where ten fit: of one run, or of two of two drivers."""
    one, other = books_of(state, state.parent).ledger(), second(state)
    assert isinstance(one, PostgresLedger)
    began = 1e9 + number
    one._now = other._now = lambda: began
    month = Ceiling(1000, began, "month") if what == "month" else None
    budget = None if month else 1000
    runs = [(await one.start_run(NewRun(f"a-{number}-{n}", "film.yaml", budget))).id for n in range(2)]
    turns = [(one, runs[0]), (other if month else one, runs[1] if month else runs[0])] * 25
    work = [
        ledger.intend(intent(f"{number} {n}", f"{number} {n}", run=run), None, month)
        for n, (ledger, run) in enumerate(turns)
    ]
    said = await asyncio.gather(*work, return_exceptions=True)
    assert {type(one) for one in said} <= {Attempt, OverBudget}
    await asyncio.gather(one.close(), other.close())
    return sum(isinstance(one, Attempt) for one in said)


def test_of_two_drivers_one_gets_a_key(run: Any, state: Path) -> None:
    async def race(one: PostgresLedger) -> None:
        other = second(state)
        await one.start_run(NewRun("a-1", "film.yaml"))
        await other.start_run(NewRun("a-2", "film.yaml"))
        for n in range(20):
            said = await asyncio.gather(
                one.intend(intent(f"k{n}", f"{n} one"), None),
                other.intend(intent(f"k{n}", f"{n} other", run=2), None),
                return_exceptions=True,
            )
            assert sorted(type(each).__name__ for each in said) == ["Attempt", "Moved"]
        await other.close()

    run(race)


def test_who_is_alive_and_who_takes_over(run: Any, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "OPENING_SECONDS", 0.0)

    async def story(one: PostgresLedger) -> None:
        other = second(state)
        await one.start_run(NewRun("a-1", "film.yaml"))
        await other.start_run(NewRun("a-2", "film.yaml"))
        async with one.owned(1):
            with pytest.raises(LedgerError, match="another driver is at work on run 1"):
                async with other.owned(1):
                    pass
            sending, waiting = await brought(one, "k", "SENDING"), await brought(one, "l", "INTENT")
            assert await other.alive(1) and not await one.alive(2)
            async with other.taken_over(sending) as mine:
                assert not mine
            assert await recover(other) == []
            await one._keeper._pool.read(lambda s: s.inner.close())  # the way to the server is cut
            await until(lambda: gone(other))
            async with other.taken_over(sending) as mine, other.taken_over(waiting) as both:
                assert mine and both
                async with one.taken_over(sending) as theirs:
                    assert not theirs
            assert [a.id for a in await recover(other)] == [sending.id]
            for refused in (
                one.advance(waiting.id, "SENDING", before="INTENT"),
                one.intend(intent("m", "m"), None),
            ):
                with pytest.raises(TakenOver, match=r"a-1 on .* was taken over"):
                    await refused
            done = await one.advance(sending.id, "ACCEPTED", Change(request_id="r"), before="UNKNOWN")
            assert done.state == "ACCEPTED"
        assert not await other.alive(1)
        await other.close()

    async def gone(ledger: PostgresLedger) -> bool:
        return not await ledger.alive(1)

    run(story)


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1000):
        if await happened():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


def test_a_run_takes_its_lock_again(run: Any, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "LOOK_SECONDS", 0.02)

    async def story(one: PostgresLedger) -> None:
        other = second(state)
        await one.start_run(NewRun("a-1", "film.yaml"))
        async with one.owned(1):
            await one._keeper._pool.read(lambda s: s.inner.close())
            await until(lambda: other.alive(1))
            await one.intend(intent(), None)
        await other.close()

    run(story)


def test_a_run_takes_its_lock_again_when_the_server_has_freed_it(
    run: Any, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the lock of a lost connection for a while; the other driver here stands for that."""
    monkeypatch.setattr(keeper, "LOOK_SECONDS", 0.02)
    looks: list[bool] = []
    has = keeper._has

    def looked(session: Any, number: int) -> bool:
        looks.append(has(session, number))
        return looks[-1]

    async def story(one: PostgresLedger) -> None:
        other = second(state)

        async def in_its_place() -> bool:
            await one._keeper._pool.read(lambda s: s.inner.close())
            return await other._keeper._pool.read(lambda s: keeper._taken(s, 1))

        async def looked_twice() -> bool:
            return looks[-2:] == [False, False]

        await one.start_run(NewRun("a-1", "film.yaml"))
        async with one.owned(1):
            await until(in_its_place)
            monkeypatch.setattr(keeper, "_has", looked)
            await until(looked_twice)
            await other._keeper._give_back(1)
            await until(lambda: other.alive(1))
        await other.close()

    run(story)


def test_a_run_is_taken_over_on_one_connection(
    run: Any, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is lost after the lock was taken, the lock is lost, too."""

    async def story(one: PostgresLedger) -> None:
        other = second(state)
        await one.start_run(NewRun("a-1", "film.yaml"))
        left = await brought(one, "k", "INTENT")
        execute, lost = Session.execute, itertools.count()

        def losing(self: Session, statement: str, values: Any = (), /) -> Any:
            if statement == keeper.RAISE and next(lost) == 0:
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return execute(self, statement, values)

        monkeypatch.setattr(Session, "execute", losing)

        async def alone() -> bool:
            async with one.taken_over(left) as mine:
                if mine:
                    async with other.taken_over(left) as theirs:
                        assert not theirs
                return mine

        await until(alone)
        assert next(lost) > 1
        await other.close()

    run(story)


PIDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'callsheet' AND pid <> pg_backend_pid()"


@pytest.mark.parametrize("loss", ["one connection", "all connections", "the server"])
def test_a_driver_that_comes_back_keeps_its_run(
    loss: str, run: Any, state: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one looks all the time whether the lock is free; it has to be so for a while."""
    monkeypatch.setattr(keeper, "FREE_SECONDS", 30.0)
    monkeypatch.setattr(keeper, "LOOK_SECONDS", 0.3)
    holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 1"

    async def story(one: PostgresLedger) -> None:
        other = second(state)
        await one.start_run(NewRun("a-1", "film.yaml"))

        async def looks(left: Attempt) -> None:
            while True:
                async with other.taken_over(left) as mine:
                    assert not mine
                assert await other.alive(1)

        async def held_by() -> list[tuple[int]]:
            return await other.pool.read(lambda s: s.execute(holder).fetchall())

        async def is_held_again() -> bool:
            return await held_by() not in ([], before)

        async with one.owned(1):
            left, before = await brought(one, "k", "INTENT"), await held_by()
            looking = asyncio.create_task(looks(left))
            if loss == "the server":
                await asyncio.to_thread(postgres.stop)
                await asyncio.to_thread(postgres.start)
            else:
                every = PIDS if loss == "all connections" else f"{PIDS} AND pid IN ({holder})"
                ended = f"SELECT pg_terminate_backend(pid) FROM ({every}) AS them"
                await other.pool.read(lambda s: s.execute(ended).fetchall())
            await until(is_held_again)
            sent = await one.advance(left.id, "SENDING", before="INTENT")
            assert sent.state == "SENDING"
            looking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await looking
        await other.close()

    run(story)


def test_a_run_is_taken_over_when_its_lock_was_seen_free_for_a_while(
    run: Any, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ended it, or lost it to another driver, needs no while."""

    async def story(one: PostgresLedger) -> None:
        for number in (1, 2):
            await one.start_run(NewRun(f"a-{number}", "film.yaml"))
        left = await brought(one, "k", "SENDING")
        monkeypatch.setattr(keeper, "FREE_SECONDS", 0.5)
        assert await one.alive(1) and await recover(one) == []
        await one.settle()
        assert not await one.alive(1)
        assert [attempt.id for attempt in await recover(one)] == [left.id]
        monkeypatch.setattr(keeper, "FREE_SECONDS", 1e6)
        other = second(state)
        assert not await other.alive(1) and await other.alive(2)
        await one.finish_run(2, "failed")
        assert not await other.alive(2)
        await other.settle()
        await other.close()

    run(story)


def test_a_server_that_stands_still_is_left_for_another_connection(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its processes are stopped before a transaction, and inside of one. It waits for them no longer than a
    while, says so, and each operation is done once."""
    monkeypatch.setattr(session.TimedConnection, "silence", 0.5)
    monkeypatch.setattr(pool, "TOLD_SECONDS", 0.0)
    told: list[str] = []
    stopped: set[int] = set()

    def stop(ledger: PostgresLedger) -> None:
        for each in ledger.pool._all:
            stopped.add(each.inner.info.backend_pid)
            os.kill(each.inner.info.backend_pid, signal.SIGSTOP)

    def go_on() -> None:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    async def story(ledger: PostgresLedger) -> None:
        await ledger.start_run(NewRun("a-1", "film.yaml"))
        ledger.when_away(told.append)
        stop(ledger)
        attempts = [ledger.intend(intent(key, key), None) for key in "klmnopqrstuv"]
        sent = [attempt.id for attempt in await asyncio.gather(*attempts)]
        assert len(told) == 2
        assert "waits for the ledger at postgresql://" in told[0] and "no answer for 0 s" in told[0]
        assert "answers again" in told[1]

        def tell(said: str) -> None:
            told.append(said)
            go_on()  # what they have begun holds locks, until they see that this end is gone

        def inside(reached: str) -> None:
            if reached == "ledger.before_commit" and len(told) == 2:
                told.append("stopped")
                stop(ledger)

        ledger.when_away(tell)
        with failpoints.armed(inside):
            await ledger.commit((await brought(ledger, "z", "RESULT")).id, [])
        assert "waits for" in told[3]
        assert [each.id for each in await ledger.attempts("INTENT")] == sorted(sent)
        assert len(await ledger.attempts("COMMITTED")) == 1

    try:
        run(story)
    finally:
        go_on()


@contextmanager
def lost_at(name: str, nth: int) -> Iterator[None]:
    """The connection is lost when the failpoint is reached for the nth time."""
    count = itertools.count(1)

    def lose(reached: str) -> None:
        if reached == name and next(count) == nth:
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    with failpoints.armed(lose):
        yield


@pytest.mark.parametrize("name", ["ledger.before_commit", "ledger.after_commit"])
def test_a_lost_connection_is_settled_by_reading(
    name: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever write it is lost in, the story is the same as if it had not been."""
    monkeypatch.setattr(pool, "PAUSES", (0.001,))

    async def every(ledger: PostgresLedger) -> None:
        plain = await life(ledger)
        for nth in range(1, 13):
            with lost_at(name, nth):
                assert await life(ledger) == plain

    run(every)


def test_a_try_that_is_committed_after_it_was_looked_up_is_not_refused(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PAUSES", (0.001,))
    write = pool.Pool.write

    async def looked_too_early(self: Any, operation: Any, done: Any = None, whole: bool = False) -> Any:
        looks = itertools.count()
        late = None if done is None else lambda session: done(session) if next(looks) else None
        return await write(self, operation, late, whole)

    async def every(ledger: PostgresLedger) -> None:
        plain = await life(ledger)
        monkeypatch.setattr(pool.Pool, "write", looked_too_early)
        for nth in range(1, 9):
            with lost_at("ledger.after_commit", nth):
                assert await life(ledger) == plain

    run(every)


def test_a_ledger_that_is_closed_between_two_tries_is_said(run: Any) -> None:
    async def story(ledger: PostgresLedger) -> None:
        loop = asyncio.get_running_loop()

        def closed_meanwhile(session: Session) -> None:
            asyncio.run_coroutine_threadsafe(ledger.pool.close(), loop)
            while not ledger.pool._closed:
                time.sleep(0.001)

        with lost_at("ledger.before_commit", 1), pytest.raises(LedgerError, match="the ledger is closed"):
            await ledger.pool.write(lambda s: None, closed_meanwhile)

    run(story)


async def life(ledger: PostgresLedger) -> object:
    """Every write of a paid call, and what is there then."""
    start = len(await ledger.runs())
    run = (await ledger.start_run(NewRun(f"a-{start}", "film.yaml"))).id
    asked = intent(f"k{run}", f"t{run}", run=run)
    attempt = await ledger.intend(asked, None)
    change = Change(request_id=f"r{run}", result="{}")
    for before, to in itertools.pairwise(("INTENT", *PATHS["RESULT"])):
        attempt = await ledger.advance(attempt.id, to, change, before=before)  # type: ignore[arg-type]
    attempt = await ledger.advance(attempt.id, "RESULT", Change(result="[]"), before="RESULT")
    await ledger.note(attempt.id, Change(error="slow"))
    attempt = await ledger.commit(attempt.id, [Kept("video", "video", "d", ".mp4", 3)])
    await ledger.log(run, ["1", "2"])
    await ledger.log(run, ["3"])
    await ledger.finish_run(run, "done")
    lines = await ledger.pool.read(
        lambda s: [x for (x,) in s.execute("SELECT line FROM events WHERE run = ? ORDER BY number", (run,))]
    )
    states = [a.state for a in await ledger.attempts(run=run)]
    return (
        attempt.state,
        attempt.result,
        states,
        len(await ledger.kept(attempt.id)),
        lines,
        len(await ledger.runs()) - start,
    )


def test_a_server_that_stays_away_is_said(run: Any, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "AGAIN_SECONDS", 0.05)

    async def story(ledger: PostgresLedger) -> None:
        def lose(reached: str) -> None:
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        with (
            failpoints.armed(lose),
            pytest.raises(LedgerError, match="server closed the connection") as error,
        ):
            await ledger.start_run(NewRun("a-1", "film.yaml"))
        assert "what was recorded is kept" in error.value.next_step
        assert await ledger.runs() == []

    run(story)


def opened(state: Path) -> Any:
    """The ledger, as soon as nobody else makes its tables."""
    while True:
        with suppress(InUseForNow):
            return books_of(state, state.parent).ledger()


def test_two_drivers_make_the_tables_once(books_url: str, tmp_path: Path) -> None:
    async def both() -> None:
        states = [tmp_path / name / ".callsheet" for name in ("one", "other")]
        found = await asyncio.gather(*(asyncio.to_thread(opened, state) for state in states))
        assert len({(s / "ledger-server.json").read_text() for s in states}) == 1
        for ledger in found:
            await ledger.close()

    asyncio.run(both())


def test_a_newer_schema_is_refused(run: Any, state: Path) -> None:
    async def newer(ledger: PostgresLedger) -> None:
        await ledger.pool.write(lambda s: s.execute("UPDATE about SET version = 99"))

    run(newer)
    for use in (lambda b: b.ledger(), lambda b: b.open(), lambda b: b.health()):
        with pytest.raises(LedgerError, match="newer callsheet \\(version 99; known: 1\\)"):
            use(books_of(state, state.parent))


def test_another_project_is_refused(
    run: Any, state: Path, tmp_path: Path, postgres: Server, books_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(ledger: PostgresLedger) -> None: ...

    run(nothing)
    unnamed = books_url.partition("&project=")[0]
    named = books_url.rpartition("=")[2]
    clone = tmp_path / "elsewhere" / named
    monkeypatch.setenv("CALLSHEET_LEDGER", unnamed)
    with pytest.raises(LedgerError, match=f"a project {named} already, made by .*film on ") as error:
        books_of(clone / ".callsheet", clone).ledger()
    assert f"?project={named}" in error.value.next_step
    monkeypatch.setenv("CALLSHEET_LEDGER", postgres.url(f"{named}x"))
    for use in (lambda b: b.exists, lambda b: b.ledger()):
        with pytest.raises(LedgerError, match="is not the one of this folder"):
            use(books_of(state, state.parent))


@pytest.mark.parametrize(("table", "said"), [("runs", "already exists"), ("about", "does not exist")])
def test_tables_of_something_else_are_left_alone(
    table: str, said: str, books_url: str, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = address_of(books_url, "film")
    with closing(Session(address)) as other:
        other.execute(f'CREATE SCHEMA "{address.schema}"')
        other.execute(f'CREATE TABLE "{address.schema}".{table} (mine int)')
    monkeypatch.setenv("CALLSHEET_LEDGER", books_url)
    with pytest.raises(LedgerError, match=said) as error:
        books_of(state, state.parent).ledger()
    assert "LINE 1" not in error.value.message and "name another project" in error.value.next_step
    assert not state.exists()


def test_who_may_only_read_is_told_before_a_run(
    run: Any, state: Path, books_url: str, monkeypatch: Any
) -> None:
    reader = granted(run, books_url, "SELECT")
    monkeypatch.setenv("CALLSHEET_LEDGER", reader)
    books = books_of(state, state.parent)
    assert LedgerReader(books).runs() == []
    with pytest.raises(LedgerError, match="may only be read by you") as error:
        books.ledger()
    schema = "callsheet_" + books_url.rpartition("=")[2]
    assert f'GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA "{schema}"' in error.value.next_step
    books.close()


def test_who_was_granted_nothing_is_told(
    run: Any, state: Path, books_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_LEDGER", granted(run, books_url, "SELECT", schema="CREATE"))
    for use in (lambda b: b.exists, lambda b: b.open(), lambda b: b.health(), lambda b: b.ledger()):
        with pytest.raises(LedgerError, match="permission denied for schema") as error:
            use(books_of(state, state.parent))
        assert "GRANT USAGE ON SCHEMA" in error.value.next_step


def test_who_was_granted_that_may_buy_but_not_take_over(
    run: Any, state: Path, books_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = LedgerFile(tmp_path / "ledger.db")

    async def begun() -> None:
        ledger = file.ledger()
        await ledger.start_run(NewRun("a-1", "film.yaml"))
        await ledger.close()

    asyncio.run(begun())
    file.close()
    monkeypatch.setenv("CALLSHEET_LEDGER", granted(run, books_url, "SELECT, INSERT, UPDATE"))

    async def bought(ledger: PostgresLedger) -> None:
        await ledger.start_run(NewRun("a-1", "film.yaml"))
        assert (await brought(ledger, "k", "COMMITTED")).state == "COMMITTED"

    run(bought)
    with pytest.raises(LedgerError, match="must be owner of table attempts") as error:
        books_of(state, state.parent).take_over(file.path)
    assert "only the role that made the tables" in error.value.next_step
    monkeypatch.setenv("CALLSHEET_LEDGER", books_url)
    assert books_of(state, state.parent).take_over(file.path).runs == 1


def granted(run: Any, url: str, rights: str, schema: str = "USAGE") -> str:
    """The address of the ledger for a role with these rights to its tables, and to their schema."""
    name = "callsheet_" + url.rpartition("=")[2]
    role = f"role_{name[-20:]}"

    async def grant(ledger: PostgresLedger) -> None:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f'GRANT {schema} ON SCHEMA "{name}" TO {role}',
            f'GRANT {rights} ON ALL TABLES IN SCHEMA "{name}" TO {role}',
        ):
            await ledger.pool.write(lambda s, said=statement: s.execute(said))

    run(grant)
    return url.replace("callsheet@", f"{role}@")


def test_only_who_makes_the_tables_waits_for_another_driver_that_does(
    run: Any, state: Path, books_url: str
) -> None:
    address = address_of(books_url, "film")

    async def read(ledger: PostgresLedger) -> int:
        return len(await ledger.runs())

    with closing(Session(address)) as other, tables._alone(other, address):
        with pytest.raises(InUseForNow, match="another driver is making the tables") as error:
            run(read)
        assert error.value.next_step
    assert run(read) == 0
    with closing(Session(address)) as other, tables._alone(other, address):
        assert run(read) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("callsheet@", "nobody-of-this-name@"), "nobody-of-this-name"),
        (("/postgres?", "/no_such_database?"), "no_such_database"),
        (("host=", "host=/nowhere"), "is the server running|No such file"),
    ],
)
def test_a_server_that_cannot_be_used_is_said(
    change: tuple[str, str], said: str, books_url: str, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_LEDGER", books_url.replace(*change))
    with pytest.raises(LedgerError, match=said) as error:
        books_of(state, state.parent).ledger()
    assert error.value.next_step
    assert not state.exists()
