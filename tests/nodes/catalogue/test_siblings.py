"""What siblings say of a price, and what nobody says."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.nodes.catalogue.catalogue import KNOWLEDGE
from callsheet.nodes.catalogue.siblings import siblings, tiers, with_tiers
from callsheet.spec.price.call import Call
from callsheet.spec.price.list_price import unit_of
from callsheet.spec.price.read import price_from
from callsheet.spec.price.span import Span

PRICE: dict[str, Any] = {"unit": "request", "rates": [{"usd": 0.2}]}
KNOWN: dict[str, Any] = {"inputs": {"resolution": {"type": "string", "enum": ["720p"]}}}
TODAY: dict[str, Any] = {
    "resolution": {"type": "string", "enum": ["720p", "4k"], "default": "720p"},
    "style": {"type": "string", "enum": ["a", "b"]},
}
BESIDE = {
    "price": {
        "unit": "second",
        "rates": [
            {"usd": 0.6, "when": {"resolution": "4k", "generate_audio": True}},
            {"usd": 0.4, "when": {"resolution": "4k"}},
            {"usd": 0.2, "when": {"generate_audio": True}},
            {"usd": 0.1},
        ],
        "factors": [{"times": 2, "when": {"fps": 60}}],
    }
}


def cost(price: dict[str, Any], **values: object) -> Span | None:
    return price_from(price, {"resolution": "720p"}).span(Call({"resolution": "720p", **values}))


def test_the_tiers_of_siblings_are_those_of_one_parameter_at_a_time() -> None:
    found = tiers([[BESIDE]])
    assert found["resolution"] == {"4k": pytest.approx(4.0)}
    assert found["generate_audio"][True] == pytest.approx(2.0)
    assert found["fps"] == {60: 2}


def test_an_added_value_is_a_range_up_to_the_tier_of_its_siblings() -> None:
    price = with_tiers(PRICE, TODAY, KNOWN, tiers([[BESIDE]]))
    assert cost(price) == Span(0.2, 0.2)
    dear = cost(price, resolution="4k")
    assert dear is not None and (dear.low, dear.high) == (0.2, pytest.approx(0.8))


def test_a_value_that_no_sibling_knows_has_no_price() -> None:
    price = with_tiers(PRICE, TODAY, KNOWN, {})
    assert cost(price) == Span(0.2, 0.2) and cost(price, resolution="4k") is None
    assert cost(price, style="b") == Span(0.2, 0.2), "a style is no tier"


def test_a_switch_that_is_new_counts_as_its_siblings_say() -> None:
    today = {**TODAY, "generate_audio": {"type": "boolean", "default": False}}
    price = with_tiers(PRICE, today, {"inputs": TODAY}, tiers([[BESIDE]]))
    loud = cost(price, generate_audio=True)
    assert loud is not None and (loud.low, loud.high) == (0.2, 0.4)
    assert cost(price, generate_audio=False) == Span(0.2, 0.2)


def test_nearer_siblings_know_better() -> None:
    cheap = {"price": {"rates": [{"usd": 0.3, "when": {"resolution": "4k"}}, {"usd": 0.2}]}}
    assert tiers([[cheap], [BESIDE]])["resolution"] == {"4k": pytest.approx(1.5)}
    assert tiers([[cheap], [BESIDE]])["fps"] == {60: 2}


def test_nothing_changes_where_nothing_is_new() -> None:
    assert with_tiers(PRICE, KNOWN["inputs"], KNOWN, tiers([[BESIDE]])) == PRICE
    assert with_tiers(PRICE, TODAY, {"inputs": {}, "open": True}, {}) == PRICE


def test_siblings_are_the_nearest_of_the_same_family() -> None:
    near, far = siblings("fal-ai/veo3.1/fast/new", KNOWLEDGE)
    assert near and all(record["endpoint"].startswith("fal-ai/veo3.1/fast") for record in near)
    assert far and all(record["endpoint"].startswith("fal-ai/veo3.1") for record in far)
    assert siblings("nobody/nothing", KNOWLEDGE) == []


@pytest.mark.parametrize(
    ("listed", "ours"),
    [
        ("second", "second"),
        ("Seconds", "second"),
        ("1000 characters", "1k_characters"),
        ("processed megapixels", "processed_megapixel"),
        ("1m_tokens_out", "1m_tokens_out"),
        ("5 seconds", "clip_5s"),
        ("units", None),
        ("each", None),
        ("bananas", None),
    ],
)
def test_units_of_lists(listed: str, ours: str | None) -> None:
    assert unit_of(listed) == ours
