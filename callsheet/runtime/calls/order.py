"""One paid call: what is to be bought, and the exact request for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from callsheet.runtime import keys
from callsheet.runtime.ledger import Intent, micros
from callsheet.spec.node import NodeSpec

SEED: Final = "seed"
LARGEST_SEED: Final = 2**31 - 1
"""Models take seeds of 32 bits, many of them signed, where their page names no maximum."""


@dataclass(frozen=True, slots=True)
class Order:
    """One paid call, ready to be sent.

    key: see `callsheet.runtime.keys`. body: the parameters as the provider takes them: JSON values, media
    as URLs, secrets as markers. usd: its price, None when nobody knows it. inputs: parameter path →
    digest of the media that goes there. refresh: buy it even if it was bought before.
    """

    key: str
    spec: NodeSpec
    endpoint: str
    body: Mapping[str, object]
    run: int
    address: str
    usd: float | None
    take: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)
    refresh: bool = False


def intent(order: Order, rng: Random) -> Intent:
    """The request of `order`. Each call gives a new one, with a token of its own and, where the model takes
    one, a seed of its own."""
    body, nonce = with_seed(order.body, order.spec, rng)
    return Intent(
        key=order.key,
        provider=order.spec.provider,
        endpoint=order.endpoint,
        body=keys.canonical(body).decode("utf-8", "surrogatepass"),
        run=order.run,
        address=order.address,
        reserved=None if order.usd is None else micros(order.usd),
        token=f"{rng.getrandbits(128):032x}",
        take=order.take,
        inputs=order.inputs,
        nonce=nonce,
    )


def with_seed(body: Mapping[str, object], spec: NodeSpec, rng: Random) -> tuple[dict[str, object], bool]:
    """`body` with a random seed, where the model takes one and none was given; and whether one was added.

    The seed distinguishes the request from all others in the provider's listing. It is no part of the key:
    whoever gives no seed accepts any result.
    """
    place = spec.inputs.get(SEED)
    if place is None or body.get(SEED) is not None:
        return dict(body), False
    least = int(max(1, place.minimum or 1))
    most = int(min(LARGEST_SEED, place.maximum or LARGEST_SEED))
    return {**body, SEED: rng.randint(least, max(least, most))}, most - least > 1_000_000
