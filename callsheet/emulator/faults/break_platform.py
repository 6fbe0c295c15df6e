"""Breaks replies of the platform API: lists that lead nowhere, wrong documents, wrong prices, wrong bills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

Data = dict[str, Any]

OTHER: Final = "fal-ai/somebody-elses-model"
BILLS: Final = "billing_events"
NANO: Final = "cost_estimate_nano_usd"
LARGE: Final = 40 * 1024 * 1024


def _loops(page: Data) -> Data:
    return {**page, "next_cursor": "0", "has_more": True}


def _endless(page: Data) -> Data:
    """Cursors are numbers; this one is past the end, and new each time."""
    return {**page, "next_cursor": str(10**9 + uuid4().int % 10**9), "has_more": True}


def _cut(page: Data) -> Data:
    return {**page, "next_cursor": None, "has_more": True}


def _lies(page: Data) -> Data:
    return {**page, "next_cursor": page.get("next_cursor") or "50", "has_more": False}


def _broken_document(page: Data) -> Data:
    *models, last = page.get("models") or [{}]
    return {**page, "models": [*models, {**last, "openapi": {"openapi": 3, "paths": []}}]}


def _large_document(page: Data) -> Data:
    first, *rest = page.get("models") or [{}]
    if "openapi" not in first:
        return page
    return {**page, "models": [{**first, "openapi": {**first["openapi"], "x-more": " " * LARGE}}, *rest]}


def _each(name: str, change: Callable[[Data], Data]) -> Callable[[Data], Data]:
    return lambda page: {**page, name: [change(item) for item in page.get(name, [])]}


PLATFORM: Final[dict[str, Callable[[Data], Data]]] = {
    "list_loops": _loops,
    "list_endless": _endless,
    "list_cut": _cut,
    "list_lies": _lies,
    "broken_document": _broken_document,
    "large_document": _large_document,
    "price_zero": _each("prices", lambda p: {**p, "unit_price": 0}),
    "price_nan": _each("prices", lambda p: {**p, "unit_price": float("nan")}),
    "price_huge": _each("prices", lambda p: {**p, "unit_price": 1e308}),
    "price_currency": _each("prices", lambda p: {**p, "currency": "EUR"}),
    "price_of_another": _each("prices", lambda p: {**p, "endpoint_id": OTHER}),
    "bill_twice": lambda page: {**page, BILLS: page.get(BILLS, []) * 2},
    "bill_of_another": _each(BILLS, lambda e: {**e, "request_id": str(uuid4())}),
    "bill_tenfold": _each(BILLS, lambda e: {**e, NANO: e[NANO] * 10}),
    "bill_late": lambda page: {**page, BILLS: []},
}
"""Kind → what becomes of the JSON object of the reply."""
