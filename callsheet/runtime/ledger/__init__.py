"""The ledger: every paid attempt, durable before anything depends on it."""

from callsheet.runtime.ledger.books import Books
from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.door import books_of, on_server
from callsheet.runtime.ledger.join import Joined, LiveInBoth, join
from callsheet.runtime.ledger.ledger_file import LedgerFile
from callsheet.runtime.ledger.memory import MemoryLedger
from callsheet.runtime.ledger.protocol import Ledger
from callsheet.runtime.ledger.reader import LedgerReader
from callsheet.runtime.ledger.records import (
    MICROS,
    Attempt,
    Billed,
    Ceiling,
    Change,
    Chargeable,
    Forbidden,
    Frozen,
    Intent,
    Kept,
    LedgerError,
    Moved,
    NewRun,
    OverBudget,
    Run,
    TakenOver,
    Upload,
    dollars,
    micros,
)
from callsheet.runtime.ledger.schema import GIVEN_UP
from callsheet.runtime.ledger.sqlite import SqliteLedger
from callsheet.runtime.ledger.states import ALLOWED, FREE, LIVE, SENT, STATES, UNFETCHED, State

__all__ = [
    "ALLOWED",
    "FREE",
    "GIVEN_UP",
    "LIVE",
    "MICROS",
    "SENT",
    "STATES",
    "UNFETCHED",
    "Attempt",
    "Billed",
    "Books",
    "Ceiling",
    "Change",
    "Chargeable",
    "Connection",
    "Forbidden",
    "Frozen",
    "Intent",
    "Joined",
    "Kept",
    "Ledger",
    "LedgerError",
    "LedgerFile",
    "LedgerReader",
    "LiveInBoth",
    "MemoryLedger",
    "Moved",
    "NewRun",
    "OverBudget",
    "Run",
    "SqliteLedger",
    "State",
    "TakenOver",
    "Upload",
    "books_of",
    "dollars",
    "join",
    "micros",
    "on_server",
]
