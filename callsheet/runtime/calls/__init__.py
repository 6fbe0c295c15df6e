"""Paid calls: sent at most once per attempt, and never lost once accepted."""

from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller, Retry
from callsheet.runtime.calls.clock import Surroundings
from callsheet.runtime.calls.errors import CallError, Unknown
from callsheet.runtime.calls.fetch import Bringer, Patience
from callsheet.runtime.calls.order import Order, with_seed
from callsheet.runtime.calls.recover import leftovers, recover
from callsheet.runtime.calls.result_files import Shelf, Wanted
from callsheet.runtime.calls.submit import Gate, Submitter

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
