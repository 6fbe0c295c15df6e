"""Facts of models that were gathered elsewhere: a YAML file → one compact line for each endpoint.

Kept are values, sources and dates; sentences stay where they are. `endpoints`, `most_used`, `sources` and
`callsheet` are the parts of the file that are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sentences import with_sentences

Data = dict[str, Any]
KEPT = ("family", "task", "allows", "defaults", "media", "confidence")
RULE = ("unit", "quantity", "rates", "factors", "plus", "minimum", "round")
TOKENS = ("1m_tokens_out", "1m_tokens")
SENTENCES = ("those of the draft", "up to 180", "unknown")
"""What `makes` says in words where nobody knows a value."""
SHAPES = {1: "1k", 4: "2k"}
"""Megapixels → the name of a square of about that size."""
SIZES = ("image_size", "size")


def head(facts: Mapping[str, Any]) -> Data:
    """What the lines have in common: sources by name with kind and date, and the day they were gathered.

    undescribed: endpoints of which nothing is known but that the provider's list of that month has them.
    """
    sources = {name: {"kind": s["kind"], "date": str(s["date"])} for name, s in facts["sources"].items()}
    others = sorted(facts["callsheet"]["missing_unpriced"])
    return {
        "gathered": str(facts["gathered"]),
        "currency": facts["currency"],
        "sources": sources,
        "undescribed": {"listed": "2026-08", "endpoints": others},
    }


def lines(facts: Mapping[str, Any]) -> Iterator[Data]:
    """The line of each endpoint, sorted by its id."""
    rank = {endpoint: i + 1 for i, endpoint in enumerate(facts["most_used"])}
    told = facts["callsheet"]
    listed, gone = set(told["retired_but_listed"]), set(told["active_but_gone"])
    for endpoint in sorted({*facts["endpoints"], *listed, *gone}):
        given = facts["endpoints"].get(endpoint)
        line: Data = {"endpoint": endpoint}
        if given is not None:
            line |= with_sentences(endpoint, fact(given))
        if endpoint in rank:
            line["rank"] = rank[endpoint]
        if endpoint in listed:
            line["listed"] = True
        if endpoint in gone and line.get("status") != "retired":
            line["gone"] = "2026-08"
        yield line


def fact(given: Mapping[str, Any]) -> Data:
    """The line of one endpoint that has an entry."""
    line: Data = {key: plain(given[key]) for key in KEPT if given.get(key)}
    if "media" in line:
        line["media"] = {
            n: {k: v for k, v in m.items() if k != "note"} for n, m in line["media"].items() if n != "note"
        }
    if made := shape(given.get("makes")):
        line["makes"] = made
    if given.get("price"):
        line["price"] = price(given["price"])
    if given.get("status"):
        line["status"] = "retired"
    if given.get("replaced_by"):
        line["replaced_by"] = given["replaced_by"]
    if others := [
        {k: v for k, v in d.items() if k in ("source", "usd", "unit")} for d in given.get("disagrees", [])
    ]:
        line["disagrees"] = [d for d in others if "usd" in d]
    line |= {"sources": given["sources"], "date": str(given["date"])}
    return {key: value for key, value in line.items() if value not in ([], {})}


def plain(value: Any) -> Any:
    """The value without the empty ones that YAML writes for "nothing"."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items() if v is not None}
    return value


def shape(makes: Any) -> Data:
    """What comes out, as a knowledge file says it."""
    found: Data = {}
    for key, value in (makes or {}).items():
        if isinstance(value, str) and value in SENTENCES:
            continue
        if value == "music_length_ms / 1000":
            value = "music_length_ms"
        if isinstance(value, dict) and "megapixels" in value:
            value = {
                **{k: v for k, v in value.items() if k != "megapixels"},
                "resolution": SHAPES[value["megapixels"]],
            }
        found[key] = value
    return found


def price(given: Mapping[str, Any]) -> Data:
    """A price rule, with the sums that the page states in the same notation as its conditions."""
    rule: Data = {key: given[key] for key in RULE if key in given}
    for part in ("rates", "factors", "plus"):
        if part in rule:
            rule[part] = [{k: v for k, v in item.items() if k != "note"} for item in rule[part]]
    if rule.get("minimum", {}).get("seconds") == "twice the output":
        rule["minimum"] = {"outputs": 2}
    if tokens := (given.get("estimate") or {}).get("usd_per_1m_tokens"):
        rule |= by_model(tokens)
    if stated := list(sums(given.get("estimate") or {}, rule)):
        rule["stated"] = stated
    return rule


def by_model(tokens: Mapping[str, Mapping[str, float]]) -> Data:
    """A rule for a router: what comes out, and what goes in, by the model that is asked."""
    rates = [{"usd": usd["out"], "when": {"model": model}} for model, usd in tokens.items()]
    plus = [
        {"usd": usd["in"], "unit": "1m_tokens_in", "of": "prompt", "when": {"model": model}}
        for model, usd in tokens.items()
    ]
    return {"unit": "1m_tokens_out", "rates": rates, "plus": plus}


def sums(estimate: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[Data]:
    """What the page says that a call comes to."""
    for resolution, usd in estimate.get("usd_per_second", {}).items():
        yield {"usd": usd, "per": "second", "when": {"resolution": resolution}}
    for quality, sizes in estimate.get("usd_per_image", {}).items():
        for size, usd in sizes.items():
            yield {"usd": usd, "per": "image", "when": {"quality": quality, "image_size": size}}
    if "usd" in estimate and "for" in estimate:
        when = {name: value for name, value in estimate["for"].items() if name != "duration"}
        yield {"usd": round(estimate["usd"] / estimate["for"]["duration"], 6), "per": "second", "when": when}
    elif "usd" in estimate and rule["unit"] in TOKENS:
        yield {"usd": estimate["usd"], "per": "image", "when": {}}
