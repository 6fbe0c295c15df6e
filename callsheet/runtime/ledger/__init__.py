"""The ledger: every paid attempt, durable before anything depends on it."""

from callsheet.runtime.ledger.join import Joined, LiveInBoth, join
from callsheet.runtime.ledger.ledger_file import LedgerFile
from callsheet.runtime.ledger.memory import MemoryLedger
from callsheet.runtime.ledger.protocol import Ledger
from callsheet.runtime.ledger.records import (
    MICROS,
    AlreadyLive,
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
    NewRun,
    OverBudget,
    Run,
    Upload,
    dollars,
    micros,
)
from callsheet.runtime.ledger.schema import GIVEN_UP
from callsheet.runtime.ledger.sqlite import LedgerReader, SqliteLedger
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
    "AlreadyLive",
    "Attempt",
    "Billed",
    "Ceiling",
    "Change",
    "Chargeable",
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
    "NewRun",
    "OverBudget",
    "Run",
    "SqliteLedger",
    "State",
    "Upload",
    "dollars",
    "join",
    "micros",
]
