"""What a shared store says of a request: which result it has, for which film, and since when.

Whoever may write into the store is believed about which result a request gave. That an offer belongs to its
key is checked: the key is the digest of the components that the offer names.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from callsheet.runtime import keys
from callsheet.runtime.lock import Made
from callsheet.runtime.lock.author import on_one_line
from callsheet.runtime.remote_store.record import BROKEN, DIGEST, Refused
from callsheet.spec.price.age import today

VERSION: Final = 1
FOLDER: Final = "keys"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PLACE: Final = re.compile(r"[A-Za-z_][\w.\[\]-]{0,199}")


class OtherVersion(Refused):
    """An offer of another version of callsheet, which nobody replaces."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """How a result was bought.

    address: of the instance. film: the name of its pipeline. uses: the endpoint. components: of the key. usd:
    its price, None where nobody knows. at: when (UTC, ISO 8601), "" where nobody knows. now: whether it was
    bought in this run.
    """

    address: str
    film: str
    uses: str
    components: keys.Components
    usd: float | None = None
    at: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A result that the store has. film, at and components: as in `Purchase`."""

    made: Made
    film: str
    at: str
    components: keys.Components = field(default_factory=dict, compare=False)

    @property
    def day(self) -> str:
        """`28 Nov`, with the year if it is another one; "" where nobody knows."""
        return _day(self.at)

    def __str__(self) -> str:
        """`made 28 Nov for f01`."""
        return " ".join(filter(None, ["made", self.day, f"for {self.film}" if self.film else ""]))


def name_of(key: str) -> str:
    """The name of the file that says which result the store has for `key`."""
    return f"{FOLDER}/{key[:2]}/{key[2:]}.json"


def key_in(name: str) -> str:
    """The key that the file called `name` is about; "" where it is about none."""
    parts = name.removesuffix(".json").split("/")
    return "".join(parts[1:]) if parts[0] == FOLDER and name.endswith(".json") else ""


def written(purchase: Purchase, pinned: Mapping[str, str]) -> bytes:
    """The offer of a result whose outputs have these digests."""
    said = {
        "callsheet": VERSION,
        "components": purchase.components,
        "outputs": dict(pinned),
        "film": on_one_line(purchase.film),
        "at": purchase.at,
        "usd": purchase.usd,
    }
    return keys.canonical(said)


def offer_in(text: bytes, key: str) -> Offer:
    """The offer in `text`. Raises Refused for one that is not of `key`, or has not the right form."""
    try:
        said = json.loads(text)
        version, components = said["callsheet"], said["components"]
        made_of = keys.key(components)
    except BROKEN:
        raise Refused("it cannot be read") from None
    if version != VERSION:
        raise OtherVersion("it is of another version")
    if made_of != key:
        raise Refused("its key does not follow from what it says the result was made from")
    return _checked(said, components, key)


def _checked(said: Mapping[str, Any], components: Mapping[str, Any], key: str) -> Offer:
    uses, outputs, usd = components.get("call"), said.get("outputs"), said.get("usd")
    film, at = said.get("film"), said.get("at")
    if not (isinstance(uses, str) and isinstance(film, str) and isinstance(at, str)):
        raise Refused("it does not say what was asked, and for which film")
    if not isinstance(outputs, dict) or not outputs or not all(map(_is_pin, outputs.items())):
        raise Refused("it names no outputs by digest")
    made = Made(key, uses, outputs, usd if _is_price(usd) else None)
    return Offer(made, on_one_line(film), at, components)


def _is_pin(entry: tuple[object, object]) -> bool:
    place, digest = map(str, entry)
    return PLACE.fullmatch(place) is not None and DIGEST.fullmatch(digest) is not None


def _is_price(usd: object) -> bool:
    return isinstance(usd, int | float) and not isinstance(usd, bool) and math.isfinite(usd) and usd >= 0


def _day(at: str) -> str:
    """`28 Nov`, with the year if it is another one; "" where nobody knows."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return ""
    day = f"{found.day} {MONTHS[found.month - 1]}"
    return day if found.year == today().year else f"{day} {found.year}"
