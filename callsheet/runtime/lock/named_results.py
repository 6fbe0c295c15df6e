"""Which result of a request counts, where the lock file names one and this machine has another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime import keys
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.lock.model import Decision, Lock, Made
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs

NEXT: Final = "`callsheet retake` asks for another take; `callsheet reject … --undo` takes it back"


class NamedResults:
    """The results in `cache`, as `lock` names them. Of two results of one request the lock's counts; the
    other one is kept."""

    def __init__(self, cache: Cache, lock: Lock) -> None:
        self.cache = cache
        self.named: Mapping[str, Made] = lock.named()
        self._declined = lock.declined
        self._picked = {a: b.picked for a, b in lock.instances.items() if b.picked and b.picked.digest}
        self._paid = lock.endpoints

    def find(self, key: str) -> Outputs | None:
        """The result for `key` that is here; None where the lock names another one, which is not."""
        found = self.cache.find(key)
        if found is None or self.fits(key, found):
            return found
        other = self.cache.find(_variant(key, self.named[key].digest))
        return other if other is not None and self.fits(key, other) else None

    def names(self, key: str) -> bool:
        """Whether the lock names a result for `key`."""
        return key in self.named

    def fits(self, key: str, outputs: Outputs) -> bool:
        """Whether these are the outputs that the lock names for `key`, if it names some. Local operations may
        give other bytes each time; of a result that was found again, a part may be lost."""
        made = self.named.get(key)
        if made is None or made.uses not in self._paid:
            return True
        here = pins(outputs).items()
        return here == made.outputs.items() or (bool(here) and here <= made.outputs.items())

    def is_picked(self, address: str, key: str, outputs: Outputs) -> bool:
        """Whether a pick of the instance at `address`, without the take, was of this result; also where there
        is none, or nobody knows which result it was of."""
        decision = self._picked.get(address)
        if decision is None:
            return True
        made = self.named.get(key)
        same = made is not None and self.fits(key, outputs)
        digest = made.digest if made is not None and same else keys.digest(pins(outputs))
        return digest == decision.digest

    def keep(self, key: str, outputs: Outputs) -> None:
        """Record `outputs` as the result for `key`; another one that was bought for it stays findable.

        Raises StoreError.
        """
        before = self.cache.find(key)
        uses = self.named[key].uses if key in self.named else ""
        if before is not None and pins(before) != pins(outputs):
            self.cache.record(_variant(key, keys.digest(pins(before))), before)
        self.cache.record(key, outputs, uses)

    def declined(self, key: str, outputs: Outputs | None) -> Decision | None:
        """The decision against the result for `key`. outputs: what there is of it; another result than the
        one that was rejected is another take, and free to use."""
        decision = self._declined.get(key)
        if decision is None or (outputs is not None and keys.result(outputs) != decision.digest):
            return None
        return decision


def _variant(key: str, digest: str) -> str:
    """The key under which the cache has one of several results of a request."""
    return keys.digest({"result of": key, "outputs": digest})


def reason_of(decision: Decision) -> str:
    """That and why a result is declined."""
    note = f": {decision.note}" if decision.note else ""
    return f"rejected{f' by {decision.by}' if decision.by else ''}{note}"


def declined_error(decision: Decision) -> NodeError:
    """The failure of an instance whose result a person rejected."""
    return NodeError(reason_of(decision), "declined", NEXT)
