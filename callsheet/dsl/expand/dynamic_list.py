"""The list of an axis over outputs, at one point: known, or made from outputs that are not there yet."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.axes.axis import Branch, Point, along
from callsheet.dsl.axes.elements import branch_of
from callsheet.dsl.axes.resolve import ResolvedAxis, list_address
from callsheet.dsl.axes.scope import pending
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.expand.expansion import Evaluator, Expansion
from callsheet.dsl.expression.values import Absent
from callsheet.dsl.graph import MAX_INSTANCES, PendingList
from callsheet.spec.conform import problems
from callsheet.spec.rules import axes as rules
from callsheet.spec.types import NOTHING, Field, ListOf
from callsheet.spec.values import Deferred, addresses_in


def dynamic_list(
    expansion: Expansion, name: str, point: Point, came: Mapping[str, object]
) -> Branch | PendingList | None:
    """The list of an axis at a point; None for one that cannot be used, which is among the findings.

    came: lists that are known, by their whole address. Raises ListUnknown and UseUnknown when it is made from
    what is not known yet.
    """
    axis, around = expansion.axes[name], expansion.around(name)
    address = expansion.placement.prefix + list_address(name, around, point)
    tree = came.get(address)
    if tree is None:
        tree = Evaluator(expansion, around, point, address).evaluate(axis.maker)
        needs = addresses_in(tree)
        if needs or isinstance(tree, Deferred):
            # In a recipe the same axis has lists at many addresses, so its name alone does not tell it.
            place = (address, ()) if expansion.placement.prefix else (name, point)
            return PendingList(address, *place, tree, needs, axis.most or MAX_INSTANCES)
    scope = {"inputs": expansion.inputs.values, **along(around, point), **expansion.functions}
    try:
        return branch_of(axis.decl, address, pending(_checked(axis, address, tree)), scope)
    except RuleBroken as error:
        expansion.findings.add(error.span, error.problem, "")
        return None


def _checked(axis: ResolvedAxis, address: str, value: object) -> object:
    """The list, if it is one with elements of its axis' type. Raises RuleBroken."""
    place = axis.decl.over.span
    if isinstance(value, Absent):
        raise RuleBroken(place, rules.absent_list(address, value.reason))
    if value is NOTHING:
        raise RuleBroken(place, rules.no_list_came(address))
    if isinstance(value, list) and not value:
        raise RuleBroken(place, rules.empty_list(address))
    for problem in problems(Field(ListOf(axis.item)), value):
        step = problem.path[0] if problem.path else ""
        number = step + 1 if isinstance(step, int) else None
        raise RuleBroken(place, rules.wrong_element(address, number, problem))
    return value
