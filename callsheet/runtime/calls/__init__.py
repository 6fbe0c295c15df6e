"""Paid calls: sent at most once per attempt, and never lost once accepted."""

from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller, SubmitRetry
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import CallError, Unknown
from callsheet.runtime.calls.fetch import Fetcher, FetchRetry
from callsheet.runtime.calls.order import Order, with_seed
from callsheet.runtime.calls.recover import recover, unfetched
from callsheet.runtime.calls.result_files import ExpectedFile, ResultFiles
from callsheet.runtime.calls.submit import SubmitLimit, Submitter

__all__ = [
    "Breaker",
    "CallError",
    "Caller",
    "Clock",
    "ExpectedFile",
    "FetchRetry",
    "Fetcher",
    "Order",
    "ResultFiles",
    "SubmitLimit",
    "SubmitRetry",
    "Submitter",
    "Unknown",
    "recover",
    "unfetched",
    "with_seed",
]
