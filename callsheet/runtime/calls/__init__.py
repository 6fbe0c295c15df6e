"""Paid calls: sent at most once per attempt, and never lost once accepted."""

from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.bring import Bringer, Patience
from callsheet.runtime.calls.caller import Caller, Retry
from callsheet.runtime.calls.failures import CallError, Unknown
from callsheet.runtime.calls.order import Order, with_seed
from callsheet.runtime.calls.resume import leftovers, recover
from callsheet.runtime.calls.shelf import Shelf, Wanted
from callsheet.runtime.calls.submit import Gate, Submitter
from callsheet.runtime.calls.surroundings import Surroundings

__all__ = [
    "Breaker",
    "Bringer",
    "CallError",
    "Caller",
    "Gate",
    "Order",
    "Patience",
    "Retry",
    "Shelf",
    "Submitter",
    "Surroundings",
    "Unknown",
    "Wanted",
    "leftovers",
    "recover",
    "with_seed",
]
