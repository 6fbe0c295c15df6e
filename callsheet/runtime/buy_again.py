"""Buys nothing a second time unasked: results that the lock file names, and that are found nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callsheet.errors import InputError
from callsheet.runtime.plan.forecast import COSTS
from callsheet.runtime.prepare import Prepared

NEXT = (
    "name the store of your team (--store PLACE, or CALLSHEET_STORE), or take over the state that has it"
    " (callsheet adopt-state PATH); --buy-again buys it once more"
)


@dataclass(frozen=True, slots=True)
class BoughtBefore:
    """Instances whose results the lock file names, and which a run would buy. There is no shared store."""

    addresses: tuple[str, ...]

    def __str__(self) -> str:
        first, *others = self.addresses
        more = f" and {len(others)} more" if others else ""
        return f"{first}{more} would be paid for again: the lock names the result, and no store is set"


def bought_before(prepared: Prepared) -> BoughtBefore | None:
    """What a run would buy a second time without a word; None where there is nothing, where a shared store
    was asked, and where somebody said so. A node with `cache: refresh` says so itself."""
    options, free = prepared.options, prepared.plan.workers
    if options.preview or options.store or options.pay_again or not prepared.paid:
        return None
    named, instances = prepared.lock.named(), prepared.graph.instances
    found = tuple(
        f.step.address
        for f in prepared.plan.forecasts
        if f.action in COSTS and f.key in named and f.step.provider not in free
        if instances[f.step.address].options.cache == "auto"
    )
    return BoughtBefore(found) if found else None


def require_word(prepared: Prepared) -> None:
    """Make sure that nothing is bought a second time unasked. Raises InputError, before anything is sent."""
    if (found := bought_before(prepared)) is not None:
        raise InputError(str(found), NEXT)


def agreed_to(prepared: Prepared) -> Prepared:
    """The run, after somebody agreed to buy again."""
    return replace(prepared, options=replace(prepared.options, pay_again=True))
