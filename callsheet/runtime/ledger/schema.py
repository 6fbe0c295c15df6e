"""The tables, as numbered migrations. A migration that has been released is never edited."""

from __future__ import annotations

from typing import Final

from callsheet.runtime.ledger.states import ALLOWED, LIVE, STATES

APPLICATION_ID: Final = 0x43534C47
""""CSLG", so that a file can be told from any other SQLite database."""


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


_STEPS: Final = ", ".join(
    f"('{before}', '{after}')" for before, afters in ALLOWED.items() for after in afters
)

_FIRST: Final = f"""
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    pipeline TEXT NOT NULL,
    budget INTEGER CHECK (budget >= 0),
    unpriced INTEGER NOT NULL CHECK (unpriced IN (0, 1)),
    started REAL NOT NULL,
    finished REAL,
    status TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL
) STRICT;

CREATE TABLE calls (
    key TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    take INTEGER NOT NULL,
    created REAL NOT NULL
) STRICT;

CREATE TABLE steps (
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (before, after)
) STRICT, WITHOUT ROWID;
INSERT INTO steps VALUES {_STEPS};

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL REFERENCES calls (key),
    number INTEGER NOT NULL CHECK (number >= 1),
    state TEXT NOT NULL CHECK (state IN ({_listed(STATES)})),
    run INTEGER NOT NULL REFERENCES runs (id),
    address TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    nonce INTEGER NOT NULL CHECK (nonce IN (0, 1)),
    inputs TEXT NOT NULL,
    reserved INTEGER CHECK (reserved >= 0),
    actual INTEGER CHECK (actual >= 0),
    request_id TEXT NOT NULL DEFAULT '',
    status_url TEXT NOT NULL DEFAULT '',
    response_url TEXT NOT NULL DEFAULT '',
    cancel_url TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    units REAL,
    served_from TEXT NOT NULL DEFAULT '',
    error_kind TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    decision TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    sending REAL,
    accepted REAL,
    resulted REAL,
    ended REAL,
    UNIQUE (key, number),
    CHECK (state NOT IN ('ACCEPTED', 'RESULT', 'STORED', 'COMMITTED') OR request_id <> ''),
    CHECK (state NOT IN ('RESULT', 'STORED', 'COMMITTED') OR result <> '')
) STRICT;

CREATE UNIQUE INDEX one_live_attempt ON attempts (key) WHERE state IN ({_listed(LIVE)});
CREATE UNIQUE INDEX one_owner ON attempts (request_id) WHERE request_id <> '';
CREATE INDEX attempts_by_state ON attempts (state);
CREATE INDEX attempts_by_run ON attempts (run);
CREATE INDEX attempts_by_time ON attempts (resulted);

CREATE TRIGGER attempts_begin BEFORE INSERT ON attempts WHEN NEW.state <> 'INTENT'
BEGIN SELECT RAISE(ABORT, 'an attempt begins as INTENT'); END;

CREATE TRIGGER attempts_step BEFORE UPDATE OF state ON attempts
WHEN NOT EXISTS (SELECT 1 FROM steps WHERE before = OLD.state AND after = NEW.state)
BEGIN SELECT RAISE(ABORT, 'this step is not allowed'); END;

CREATE TRIGGER attempts_frozen BEFORE UPDATE OF key, number, run, token, body, inputs, reserved ON attempts
BEGIN SELECT RAISE(ABORT, 'what was asked for is frozen'); END;

CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;

CREATE TABLE artifacts (
    attempt INTEGER NOT NULL REFERENCES attempts (id),
    place TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('image', 'video', 'audio', 'file')),
    digest TEXT NOT NULL,
    suffix TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    PRIMARY KEY (attempt, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_digest ON artifacts (digest);

CREATE TABLE uploads (
    digest TEXT NOT NULL,
    provider TEXT NOT NULL,
    url TEXT NOT NULL,
    at REAL NOT NULL,
    expires REAL,
    PRIMARY KEY (digest, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    run INTEGER NOT NULL REFERENCES runs (id),
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
"""

_SECOND: Final = """
CREATE INDEX attempts_by_address ON attempts (address);
"""

_THIRD: Final = """
CREATE TABLE frozen (
    key TEXT NOT NULL,
    output TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id),
    value TEXT NOT NULL,
    PRIMARY KEY (key, output, run)
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND, _THIRD)
