"""Refuses to buy again, unless somebody asked for it, what the lock file names and this machine lacks."""

from __future__ import annotations

from dataclasses import replace

from callsheet.errors import InputError
from callsheet.runtime.other_states import PaidElsewhere, paid_as_locked
from callsheet.runtime.prepare import Prepared


def bought_before(prepared: Prepared) -> PaidElsewhere | None:
    """What a run would buy a second time; None where there is nothing, where somebody asked for it, and where
    a shared store is set, which is asked elsewhere. A node with `cache: refresh` asks for it itself."""
    options = prepared.options
    if options.preview or options.store or options.pay_again or not prepared.paid:
        return None
    return paid_as_locked(prepared.plan, prepared.workspace)


def refuse_to_buy_again(prepared: Prepared) -> None:
    """Make sure that nothing is bought a second time unasked. Raises InputError where it would be."""
    if (found := bought_before(prepared)) is not None:
        raise InputError(f"nothing was sent; {found}", found.next_step)


def agreed_to(prepared: Prepared) -> Prepared:
    """The run, after somebody agreed to buy again."""
    return replace(prepared, options=replace(prepared.options, pay_again=True))
