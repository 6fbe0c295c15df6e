"""Several results of one request: two people bought the same, and each got a picture of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callsheet.dsl.graph import Instance
from callsheet.runtime import keys
from callsheet.runtime.lock import Made, pins
from callsheet.runtime.project_state import ProjectState


def variants(takes: Sequence[Instance], now: ProjectState) -> Iterator[tuple[Instance, Made]]:
    """Results of the same requests as `takes` that differ from those that count: two people bought the same,
    and got two pictures. They are numbered after the takes."""
    for take in takes:
        key = now.keys.get(take.address)
        for made in now.lock.block(take.address).results:
            if made.key == key and made.digest != digest_of(take, now):
                yield take, made


def digest_of(take: Instance, now: ProjectState) -> str:
    """The digest of the result that counts for a take; "" while it is not made."""
    key, outputs = now.keys.get(take.address, ""), now.outputs.get(take.address)
    named = now.lock.named().get(key)
    if named is not None:
        return named.digest
    return keys.digest(pins(outputs)) if outputs is not None else ""
