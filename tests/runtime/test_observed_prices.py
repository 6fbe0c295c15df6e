"""Prices that bills of this project tell."""

from types import SimpleNamespace

from callsheet.nodes.registry import Registry
from callsheet.runtime import observed_prices
from callsheet.runtime.ledger import Billed
from callsheet.runtime.observed_prices import ObservedPrices

USES = "fal-ai/hunyuan-image/v3/text-to-image"
BILLS = 60


def test_each_bill_is_read_once_however_many_calls_are_priced(monkeypatch):
    bills = [Billed(USES, f'{{"prompt": "{n}", "seed": {n}}}', {}, 90_000 + n % 2, 1e9) for n in range(BILLS)]
    reader = SimpleNamespace(billed=lambda _: bills)
    prices = ObservedPrices(SimpleNamespace(ledger_reader=lambda: reader))
    spec = Registry().find(USES)
    read = []
    asked = observed_prices._asked
    monkeypatch.setattr(
        observed_prices, "_asked", lambda spec, bill: (read.append(bill), asked(spec, bill))[1]
    )
    quotes = [prices.price(spec, {"prompt": f"other {n}", "seed": 1}) for n in range(100)]
    assert {(quote.low, quote.high) for quote in quotes} == {(0.09, 0.090001)}
    assert len(read) == BILLS
    assert prices.price(spec, {"prompt": "x", "image_size": "square"}) is None
