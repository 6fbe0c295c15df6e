"""Paid calls: sent at most once per attempt, and never lost once accepted."""

from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller, SubmitRetry
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import CallError, NotFetched, Unknown
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order, with_seed
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.questions import Waiting
from callsheet.runtime.calls.recover import recover, unfetched
from callsheet.runtime.calls.result_files import ExpectedFile, ResultFiles
from callsheet.runtime.calls.slots import Slots, SubmitLimit
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.calls.submit import Submitter

__all__ = [
    "Breaker",
    "CallError",
    "Caller",
    "Clock",
    "ExpectedFile",
    "FetchRetry",
    "Fetcher",
    "NotFetched",
    "Order",
    "ResultFiles",
    "Results",
    "Slots",
    "StoreFiles",
    "SubmitLimit",
    "SubmitRetry",
    "Submitter",
    "Unknown",
    "Waiting",
    "recover",
    "unfetched",
    "with_seed",
]
