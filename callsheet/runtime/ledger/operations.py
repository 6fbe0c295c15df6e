"""The operations on the tables. Each function runs inside one transaction of the writer.

The statements are those of SQLite and of Postgres alike.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final

from callsheet.runtime.ledger import rows
from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.records import (
    Attempt,
    Billed,
    Ceiling,
    Change,
    Chargeable,
    Forbidden,
    Frozen,
    Intent,
    Kept,
    Moved,
    NewRun,
    OverBudget,
    Run,
    Upload,
)
from callsheet.runtime.ledger.states import ALLOWED, LIVE, State

Seen = tuple[int, State] | None
"""Number and state of the newest attempt of a key, as a caller judged it; None where there was none."""

SPENT: Final = "SELECT coalesce(sum(coalesce(actual, reserved, 0)), 0) FROM attempts WHERE run = ?"
COUNTED: Final = """
SELECT coalesce(sum(coalesce(a.actual, a.reserved, r.cap, 0)), 0) FROM attempts a JOIN runs r ON r.id = a.run
WHERE a.id IN (
    SELECT id FROM attempts WHERE run IN (SELECT id FROM runs WHERE id = ? OR resumes = ?)
    UNION
    SELECT d.id FROM attempts d JOIN runs o ON o.id = d.run
    WHERE d.state IN ('SENDING', 'UNKNOWN') AND rtrim(o.name, '0123456789') = ?
)
"""
SPENT_SINCE: Final = """
SELECT coalesce(sum(coalesce(a.actual, a.reserved, r.cap, 0)), 0) FROM runs r CROSS JOIN attempts a
WHERE a.run = r.id AND (r.finished IS NULL OR r.finished >= ?) AND a.created >= ?
"""
"""In this order of tables, attempts are looked up by their runs: those of earlier months are not read."""
DAY: Final = 86_400.0
"""Seconds by which a clock may have been set back during a run that an earlier version recorded as over."""
ANY_LIVE: Final = "a.state IN ({})".format(", ".join(f"'{state}'" for state in LIVE))


def start_run(connection: Connection, new: NewRun, now: float) -> Run:
    """Add a run of this process."""
    row = connection.execute(
        "INSERT INTO runs (name, pipeline, budget, unpriced, started, pid, cap, resumes, agreed)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {rows.RUN_COLUMNS}",
        (
            new.name,
            new.pipeline,
            new.budget,
            int(new.cap is not None),
            now,
            os.getpid(),
            new.cap,
            new.resumes,
            new.agreed,
        ),
    ).fetchone()
    return rows.run(row)


def finish_run(connection: Connection, run: int, status: str, now: float) -> None:
    """Record that the run is over: not before its last call, also where the clock was set back meanwhile. By
    this time `SPENT_SINCE` decides whether its calls are read."""
    last = "SELECT max(created) FROM attempts WHERE run = runs.id AND created > ?"
    statement = f"UPDATE runs SET status = ?, finished = coalesce(({last}), ?) WHERE id = ?"
    connection.execute(statement, (status, now, now, run))


def get_run(connection: Connection, run: int) -> Run:
    """Raises KeyError for a run that does not exist."""
    row = connection.execute(f"SELECT {rows.RUN_COLUMNS} FROM runs WHERE id = ?", (run,)).fetchone()
    if row is None:
        raise KeyError(f"no run {run}")
    return rows.run(row)


def runs(connection: Connection) -> list[Run]:
    """All runs, newest first."""
    return [
        rows.run(row)
        for row in connection.execute(f"SELECT {rows.RUN_COLUMNS} FROM runs ORDER BY started DESC, id DESC")
    ]


def intend(
    connection: Connection,
    intent: Intent,
    seen: Seen,
    now: float,
    ceiling: Ceiling | None = None,
    run: Run | None = None,
) -> Attempt:
    """Add an attempt and reserve its price. run: that of the intent, where it was read in this transaction
    already. Raises Moved, OverBudget."""
    connection.execute(
        "INSERT INTO calls VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET created = calls.created",
        (intent.key, intent.provider, intent.endpoint, intent.take, now),
    )
    before = last(connection, intent.key)
    check_seen(before, seen)
    run = run or get_run(connection, intent.run)
    if run.budget is not None:
        check_budget(run, intent, counted(connection, run.first, run.series))
    if ceiling is not None:
        check_ceiling(run, intent, spent_since(connection, ceiling.since), ceiling)
    values = rows.asked(intent, 1 if before is None else before.number + 1, now)
    return rows.attempts(
        connection.execute(
            f"INSERT INTO attempts ({', '.join(values)}) VALUES ({', '.join('?' for _ in values)})"
            f" RETURNING {rows.RETURNED}",
            tuple(values.values()),
        )
    )[0]


def check_seen(newest: Attempt | None, seen: Seen) -> None:
    """Raises Moved unless `newest` is what the caller judged: its number and state, None for no attempt."""
    if newest is None:
        return
    if newest.state in LIVE:
        raise Moved(f"{newest.address} is already {newest.state} (attempt {newest.number})")
    if (newest.number, newest.state) != seen:
        raise Moved(f"{newest.address} is {newest.state} by now (attempt {newest.number}, of another run)")


def check_budget(run: Run, intent: Intent, counted: int) -> None:
    """Raises OverBudget when the price of `intent` exceeds what is left of the budget of its run."""
    price = run.cap if intent.reserved is None else intent.reserved
    if run.budget is not None and (price is None or counted + price > run.budget):
        raise OverBudget(intent.address, price, counted, run.budget)


def check_ceiling(run: Run, intent: Intent, spent: int, ceiling: Ceiling) -> None:
    """Raises OverBudget when the price of `intent` exceeds what all runs together have left."""
    price = run.cap if intent.reserved is None else intent.reserved
    if price is None or spent + price > ceiling.limit:
        raise OverBudget(intent.address, price, spent, ceiling.limit, ceiling.source)


def advance(
    connection: Connection, attempt: int, to: State, change: Change | None, before: State, now: float
) -> Attempt:
    """One step of an attempt from the state `before`. Raises Forbidden."""
    done = step(connection, attempt, to, change, before, now)
    if done is None:
        raise forbidden(get(connection, attempt), to)
    return done


def step(
    connection: Connection,
    attempt: int,
    to: State,
    change: Change | None,
    before: State,
    now: float,
    condition: str = "",
    *values: object,
) -> Attempt | None:
    """The same; None where it is not allowed, or `condition` does not hold, which takes `values`."""
    if to not in ALLOWED[before]:
        return None
    news = rows.news(before, to, change or Change(), now)
    assignments = ", ".join(f"{name} = ?" for name in news)
    statement = f"UPDATE attempts SET {assignments} WHERE id = ? AND state = ?{condition}"
    cursor = connection.execute(
        f"{statement} RETURNING {rows.RETURNED}", (*news.values(), attempt, before, *values)
    )
    return next(iter(rows.attempts(cursor)), None)


def note(connection: Connection, attempt: int, change: Change) -> Attempt:
    """Record what became known of an attempt; its state stays."""
    values = rows.known(change)
    if values:
        assignments = ", ".join(f"{name} = ?" for name in values)
        connection.execute(f"UPDATE attempts SET {assignments} WHERE id = ?", (*values.values(), attempt))
    return get(connection, attempt)


def check_step(attempt: Attempt, before: State, to: State) -> None:
    """Raises Forbidden when the step is not allowed, or the attempt is in another state than its caller
    expects."""
    if to not in ALLOWED[attempt.state] or before != attempt.state:
        raise forbidden(attempt, to)


def forbidden(attempt: Attempt, to: State) -> Forbidden:
    """The error of a step that an attempt cannot take."""
    return Forbidden(f"attempt {attempt.id} is {attempt.state}; it cannot become {to}")


def commit(connection: Connection, attempt: int, kept: Sequence[Kept], now: float) -> Attempt:
    """RESULT → STORED → COMMITTED, with the files."""
    advance(connection, attempt, "STORED", None, "RESULT", now)
    connection.executemany(
        "INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?)",
        [(attempt, k.place, k.kind, k.digest, k.suffix, k.size) for k in kept],
    )
    return advance(connection, attempt, "COMMITTED", None, "STORED", now)


def get(connection: Connection, attempt: int) -> Attempt:
    """Raises KeyError for an attempt that does not exist."""
    found = rows.select(connection, "a.id = ?", attempt)
    if not found:
        raise KeyError(f"no attempt {attempt}")
    return found[0]


def live(connection: Connection, key: str) -> Attempt | None:
    """The live attempt of `key`."""
    return next(iter(rows.select(connection, f"a.key = ? AND {ANY_LIVE}", key)), None)


def committed(connection: Connection, key: str) -> Attempt | None:
    """The newest committed attempt of `key`."""
    where = "a.key = ? AND a.state = 'COMMITTED' ORDER BY a.number DESC LIMIT 1"
    return next(iter(rows.select(connection, where, key)), None)


def last(connection: Connection, key: str) -> Attempt | None:
    """The newest attempt of `key`, in any state."""
    return next(iter(rows.select(connection, "a.key = ? ORDER BY a.number DESC LIMIT 1", key)), None)


def newest(connection: Connection, address: str, series: str) -> Attempt | None:
    """The newest committed attempt of an instance, with any key, in the runs whose names begin with
    `series`."""
    of_film = "EXISTS (SELECT 1 FROM runs r WHERE r.id = a.run AND rtrim(r.name, '0123456789') = ?)"
    where = f"a.address = ? AND a.state = 'COMMITTED' AND {of_film} ORDER BY a.id DESC LIMIT 1"
    return next(iter(rows.select(connection, where, address, series)), None)


def committed_at(connection: Connection, address: str) -> list[Attempt]:
    """Every committed attempt of an instance in any run, newest first."""
    where = "a.address = ? AND a.state = 'COMMITTED' ORDER BY a.id DESC"
    return rows.select(connection, where, address)


def addresses(connection: Connection, series: str) -> set[str]:
    """The address of every committed attempt in the runs whose names begin with `series`."""
    query = (
        "SELECT DISTINCT address FROM attempts WHERE state = 'COMMITTED'"
        " AND run IN (SELECT id FROM runs WHERE rtrim(name, '0123456789') = ?)"
    )
    return {str(address) for (address,) in connection.execute(query, (series,))}


def attempts(connection: Connection, states: Sequence[State], run: int | None) -> list[Attempt]:
    """Attempts in any of `states`, of one run or of all."""
    wanted = ", ".join("?" for _ in states)
    where = (f"a.state IN ({wanted})" if states else "TRUE") + (" AND a.run = ?" if run is not None else "")
    return rows.select(connection, f"{where} ORDER BY a.id", *states, *([run] if run is not None else []))


def chargeable(connection: Connection, states: Sequence[State], run: int | None) -> list[Chargeable]:
    """The requests in any of `states`, of one run or of all, that the provider has given an id."""
    wanted = ", ".join("?" for _ in states)
    where = f"a.state IN ({wanted}) AND a.request_id <> ''" + (" AND a.run = ?" if run is not None else "")
    return rows.chargeable(connection, where, *states, *([run] if run is not None else []))


def bill(connection: Connection, bills: Mapping[int, int]) -> None:
    """Record what was billed: attempt → micro-dollars."""
    values = [(actual, attempt) for attempt, actual in bills.items()]
    connection.executemany("UPDATE attempts SET actual = ? WHERE id = ?", values)


def owner(connection: Connection, request_id: str) -> Attempt | None:
    """The attempt a request id belongs to."""
    return next(iter(rows.select(connection, "a.request_id = ? AND a.request_id <> ''", request_id)), None)


def knows(connection: Connection, token: str, request_id: str) -> bool:
    """Whether an attempt of another ledger is in this one: by its token, or by its request."""
    query = "SELECT 1 FROM attempts WHERE token = ? OR (request_id = ? AND request_id <> '')"
    return connection.execute(query, (token, request_id)).fetchone() is not None


def kept(connection: Connection, attempt: int) -> list[Kept]:
    """The files of a result, by place."""
    query = "SELECT place, kind, digest, suffix, size FROM artifacts WHERE attempt = ? ORDER BY place"
    return [rows.kept(row) for row in connection.execute(query, (attempt,))]


def spent(connection: Connection, run: int) -> int:
    """Micro-dollars that count for a run."""
    return int(connection.execute(SPENT, (run,)).fetchone()[0])


def counted(connection: Connection, first: int | None, series: str) -> int:
    """Micro-dollars that count for a budget: what the run `first` and those that go on from it spent,
    reserved and left in doubt, and what any run whose name begins with `series` left in doubt."""
    return int(connection.execute(COUNTED, (first, first, series)).fetchone()[0])


def spent_since(connection: Connection, since: float) -> int:
    """Micro-dollars that count for what was asked for since then, in seconds since the epoch."""
    return int(connection.execute(SPENT_SINCE, (since - DAY, since)).fetchone()[0])


def durations(connection: Connection, endpoint: str, last: int) -> list[float]:
    """Seconds from accepted to result, newest first."""
    query = (
        "SELECT a.resulted - a.accepted FROM attempts a JOIN calls c ON c.key = a.key"
        " WHERE c.endpoint = ? AND a.resulted - a.accepted BETWEEN 0 AND 3600"
        " ORDER BY a.resulted DESC LIMIT ?"
    )
    return [float(row[0]) for row in connection.execute(query, (endpoint, last))]


def billed(connection: Connection, last: int) -> list[Billed]:
    """The newest bills of calls whose result is stored."""
    query = (
        "SELECT c.endpoint, a.body, a.inputs, a.actual, a.resulted"
        " FROM attempts a JOIN calls c ON c.key = a.key"
        " WHERE a.state = 'COMMITTED' AND a.actual IS NOT NULL AND a.resulted IS NOT NULL"
        " ORDER BY a.resulted DESC LIMIT ?"
    )
    return [rows.billed(row) for row in connection.execute(query, (last,))]


def log(connection: Connection, run: int, lines: Sequence[str], now: float) -> None:
    """Append events of a run."""
    (last,) = connection.execute(
        "SELECT coalesce(max(number), 0) FROM events WHERE run = ?", (run,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?)",
        [(run, number, now, line) for number, line in enumerate(lines, start=last + 1)],
    )


def events(connection: Connection, run: int) -> list[str]:
    """The events of a run, in order."""
    query = "SELECT line FROM events WHERE run = ? ORDER BY number"
    return [str(line) for (line,) in connection.execute(query, (run,))]


def uploaded(connection: Connection, upload: Upload) -> None:
    """Record an upload; it replaces an older one."""
    connection.execute(
        "INSERT INTO uploads VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest, provider)"
        " DO UPDATE SET url = excluded.url, at = excluded.at, expires = excluded.expires",
        (upload.digest, upload.provider, upload.url, upload.at, upload.expires),
    )


def upload(connection: Connection, digest: str, provider: str) -> Upload | None:
    """The upload for a digest."""
    query = "SELECT digest, provider, url, at, expires FROM uploads WHERE digest = ? AND provider = ?"
    row = connection.execute(query, (digest, provider)).fetchone()
    return rows.upload(row) if row else None


def freeze(connection: Connection, frozen: Frozen) -> None:
    """Record the output that extends the graph of a run."""
    values = (frozen.key, frozen.output, frozen.run, frozen.value)
    connection.execute(
        "INSERT INTO frozen VALUES (?, ?, ?, ?) ON CONFLICT (key, output, run)"
        " DO UPDATE SET value = excluded.value",
        values,
    )


def frozen(connection: Connection, key: str, output: str) -> Frozen | None:
    """The output of a call that extended the graph of the newest run that used it."""
    row = connection.execute(
        "SELECT run, value, status FROM frozen JOIN runs ON runs.id = run"
        " WHERE key = ? AND output = ? ORDER BY run DESC LIMIT 1",
        (key, output),
    ).fetchone()
    return Frozen(key, output, *row) if row else None
