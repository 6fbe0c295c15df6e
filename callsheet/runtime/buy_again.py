"""Nothing is bought a second time unasked: what the lock file names as paid for, and nobody gives."""

from __future__ import annotations

from dataclasses import replace

from callsheet.errors import InputError
from callsheet.runtime.other_states import PaidElsewhere, paid_as_locked
from callsheet.runtime.prepare import Prepared


def bought_before(prepared: Prepared) -> PaidElsewhere | None:
    """What a run would buy a second time without a word; None where there is nothing, where a shared store
    was asked, and where somebody said so. A node with `cache: refresh` says so itself."""
    options = prepared.options
    if options.preview or options.store or options.pay_again or not prepared.paid:
        return None
    return paid_as_locked(prepared.plan, prepared.workspace)


def require_word(prepared: Prepared) -> None:
    """Make sure that nothing is bought a second time unasked. Raises InputError, before anything is sent."""
    if (found := bought_before(prepared)) is not None:
        raise InputError(f"nothing was sent; {found}", found.next_step)


def agreed_to(prepared: Prepared) -> Prepared:
    """The run, after somebody agreed to buy again."""
    return replace(prepared, options=replace(prepared.options, pay_again=True))
