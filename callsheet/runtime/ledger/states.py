"""The states of a paid attempt, and how they may follow one another.

INTENT → SENDING → ACCEPTED → RESULT → STORED → COMMITTED
beside them: REJECTED   provably not accepted
             UNKNOWN    nobody here knows whether it was accepted
             ABSENT     proven never accepted
             LOST       given up by a person's decision; counts as spent
             FAILED     accepted, and then the provider said that the model failed
             CANCELLED  called back by us
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

State = Literal[
    "INTENT",
    "SENDING",
    "ACCEPTED",
    "RESULT",
    "STORED",
    "COMMITTED",
    "REJECTED",
    "UNKNOWN",
    "ABSENT",
    "LOST",
    "FAILED",
    "CANCELLED",
]

STATES: Final[tuple[State, ...]] = get_args(State)

ALLOWED: Final[Mapping[State, tuple[State, ...]]] = {
    "INTENT": ("SENDING", "REJECTED", "CANCELLED"),
    "SENDING": ("ACCEPTED", "REJECTED", "UNKNOWN"),
    "UNKNOWN": ("ACCEPTED", "ABSENT", "LOST"),
    "ACCEPTED": ("RESULT", "FAILED", "CANCELLED", "LOST"),
    "RESULT": ("STORED", "ACCEPTED", "RESULT", "FAILED", "LOST"),
    "STORED": ("COMMITTED",),
    "COMMITTED": ("LOST",),
    "REJECTED": (),
    "ABSENT": (),
    "LOST": ("ACCEPTED",),
    "FAILED": ("ACCEPTED",),
    "CANCELLED": (),
}
"""From each state, the states that may follow. RESULT → RESULT: the provider gave it once more, with other
URLs. To LOST, and from LOST and FAILED to ACCEPTED, only a person leads: what is given up may be bought
again, and a request that turned up after all is adopted."""

LIVE: Final[tuple[State, ...]] = ("INTENT", "SENDING", "UNKNOWN", "ACCEPTED", "RESULT", "STORED")
"""A key has at most one attempt in these states."""

UNFETCHED: Final[tuple[State, ...]] = ("ACCEPTED", "RESULT")
"""Accepted, and so paid for, but the result is not stored yet."""

SENT: Final[tuple[State, ...]] = tuple(state for state in LIVE if state != "INTENT")
"""Live, and perhaps or certainly sent: buying the same again may pay for it twice."""

FREE: Final[tuple[State, ...]] = ("REJECTED", "ABSENT")
"""States that prove that nothing was bought: the reserved price is released."""
