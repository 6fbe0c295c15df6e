"""Prices are formulas: first rate that holds, times every factor that holds, or nothing at all."""

from __future__ import annotations

import pytest

from callsheet.spec.media import Facts
from callsheet.spec.money import money
from callsheet.spec.price.conditions import matches
from callsheet.spec.price.price import Price
from callsheet.spec.price.rule import Factor, Rate

AUDIO = (Rate(0.15, {"generate_audio": (True,)}), Rate(0.10, {}))


def test_the_first_rate_that_holds_counts() -> None:
    price = Price("second", AUDIO)
    facts = {"video": Facts(seconds=8.0)}
    assert price.usd({"generate_audio": True}, facts) == pytest.approx(1.20)
    assert price.usd({"generate_audio": False}, facts) == pytest.approx(0.80)
    assert price.formula == "seconds × $0.15 (generate_audio) or $0.10"


def test_factors_multiply() -> None:
    doubled = Factor(2, {"duration": ("8",)})
    price = Price("video", (Rate(0.5, {}),), (doubled, Factor(4, {"resolution": ("1080p", "4k")})))
    assert price.usd({"duration": "8", "resolution": "4k"}, {}) == pytest.approx(4.0)
    assert price.usd({"duration": "5", "resolution": "360p"}, {}) == pytest.approx(0.5)
    assert price.formula == "one video × $0.50 × 2 (duration 8) × 4 (resolution 1080p or 4k)"


def test_factors_without_a_base_are_shown_but_priced_nothing() -> None:
    price = Price("video", (), (Factor(2, {"duration": ("9s",)}),))
    assert price.usd({"duration": "9s"}, {}) is None
    assert price.formula == "one video × a base price not published × 2 (duration 9s)"


def test_a_value_not_known_yet_leaves_the_price_open() -> None:
    unknown = object()
    assert Price("second", AUDIO).usd({"generate_audio": unknown}, {"video": Facts(seconds=8)}) is None
    assert Price("second", AUDIO).usd({"generate_audio": True}, {"video": Facts()}) is None


@pytest.mark.parametrize(
    ("unit", "values", "facts", "usd"),
    [
        ("clip_5s", {}, Facts(seconds=10), 2.0),
        ("clip_5s", {}, Facts(seconds=6), 2.0),
        ("image", {"num_images": 3}, Facts(), 3.0),
        ("megapixel", {"num_images": 2}, Facts(width=1000, height=500), 1.0),
        ("1k_characters", {"text": "x" * 500}, Facts(), 0.5),
    ],
)
def test_units(unit: str, values: dict[str, object], facts: Facts, usd: float) -> None:
    assert Price(unit, (Rate(1.0, {}),)).usd(values, {"out": facts}) == pytest.approx(usd)


def test_true_is_not_one() -> None:
    assert matches({"audio": (True,)}, {"audio": 1}) is False
    assert matches({"audio": (True,), "size": ("a",)}, {"audio": object(), "size": "b"}) is False


def test_half_a_cent_is_written_as_a_cent_whatever_comes_before_it() -> None:
    assert [money(usd) for usd in (0.025, 0.045, 1.025, 0.015, 1.024, 0.0)] == [
        "$0.03",
        "$0.05",
        "$1.03",
        "$0.02",
        "$1.02",
        "$0.00",
    ]
