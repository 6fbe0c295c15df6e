"""The tables, as numbered migrations. A migration that has been released is never edited."""

from __future__ import annotations

from typing import Final

from callsheet.runtime.ledger.states import LIVE, STATES

APPLICATION_ID: Final = 0x43534C47
""""CSLG". It distinguishes the file from other SQLite databases."""


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


_STEPS: Final = """
    ('INTENT', 'SENDING'), ('INTENT', 'REJECTED'), ('INTENT', 'CANCELLED'),
    ('SENDING', 'ACCEPTED'), ('SENDING', 'REJECTED'), ('SENDING', 'UNKNOWN'),
    ('UNKNOWN', 'ACCEPTED'), ('UNKNOWN', 'ABSENT'), ('UNKNOWN', 'LOST'),
    ('ACCEPTED', 'RESULT'), ('ACCEPTED', 'FAILED'), ('ACCEPTED', 'CANCELLED'),
    ('RESULT', 'STORED'), ('RESULT', 'ACCEPTED'), ('RESULT', 'FAILED'),
    ('STORED', 'COMMITTED'),
    ('LOST', 'ACCEPTED'),
    ('FAILED', 'ACCEPTED')
"""

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

GIVEN_UP: Final = "given up by an earlier version"
"""The decision of attempts that were paid for and counted as failed, since their files could not be fetched
or were not as promised. They are to be fetched."""

_SAID_BY_THE_MODEL: Final = " AND ".join(
    f"a.error NOT LIKE '{words}%'"
    for words in (
        "the model failed",
        "the provider refuses this content",
        "request % was cancelled",
        "the model''s answer",
        "the model refuses to answer",
    )
)

_FOURTH: Final = f"""
INSERT INTO steps VALUES
    ('ACCEPTED', 'LOST'), ('RESULT', 'LOST'), ('RESULT', 'RESULT'), ('COMMITTED', 'LOST');
ALTER TABLE attempts ADD COLUMN sent_by REAL;
ALTER TABLE attempts ADD COLUMN boot TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN uptime REAL;
ALTER TABLE attempts ADD COLUMN looked_boot TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN looked_uptime REAL;

UPDATE attempts SET state = 'ACCEPTED', ended = NULL, decision = '{GIVEN_UP}' WHERE id IN (
    SELECT max(a.id) FROM attempts a
    WHERE a.state = 'FAILED' AND a.request_id <> '' AND {_SAID_BY_THE_MODEL}
    AND (
        a.result <> ''
        OR a.error LIKE 'the provider no longer has request%'
        OR a.error LIKE 'a URL of the reply is not used%'
    )
    AND NOT EXISTS (
        SELECT 1 FROM attempts b WHERE b.key = a.key AND b.state IN ({_listed(LIVE)}, 'COMMITTED')
    )
    GROUP BY a.key
);
UPDATE attempts SET state = 'RESULT' WHERE state = 'ACCEPTED' AND decision = '{GIVEN_UP}' AND result <> '';
"""

_FIFTH: Final = """
ALTER TABLE runs ADD COLUMN cap INTEGER CHECK (cap >= 0);
ALTER TABLE runs ADD COLUMN resumes INTEGER REFERENCES runs (id);
ALTER TABLE runs ADD COLUMN agreed TEXT NOT NULL DEFAULT '';
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)
