"""The list of an axis over outputs of nodes, at one point of the axes around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callsheet.dsl.axes.axis import Branch, Point, along
from callsheet.dsl.axes.elements import branch_of
from callsheet.dsl.axes.resolve import ResolvedAxis, list_address
from callsheet.dsl.axes.scope import pending
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.expand.expansion import Evaluator, Expansion
from callsheet.dsl.expression.values import Absent, as_declared
from callsheet.dsl.graph import PendingList
from callsheet.spec.conform import problems
from callsheet.spec.rules import axes as rules
from callsheet.spec.types import NOTHING, Field, ListOf
from callsheet.spec.values import Deferred, Ref, addresses_in, map_leaves


def dynamic_list(
    expansion: Expansion, name: str, point: Point, came: Mapping[str, object]
) -> Branch | PendingList | None:
    """The list of an axis at a point: known, or pending until outputs are there. None after an error.

    came: lists that came during the run, by their whole address. Raises ListUnknown or UseUnknown when the
    list depends on another list that is not known yet.
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
            return PendingList(address, *place, tree, needs, axis.most or expansion.placement.most)
    scope = {"inputs": expansion.inputs.values, **along(around, point), **expansion.functions}
    try:
        elements = pending(_checked(axis, address, tree))
        assert isinstance(elements, list)
        declared = [as_declared(axis.item, element) for element in elements]
        return branch_of(axis.decl, address, declared, scope)
    except RuleBroken as error:
        expansion.findings.add(error.span, error.problem, "")
        return None


def _checked(axis: ResolvedAxis, address: str, value: object) -> object:
    """`value`, when it is a list with elements of the type of the axis. Raises RuleBroken otherwise."""
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


def list_value(tree: object, look_up: Callable[[Ref], object]) -> object:
    """The list itself, from the tree of a pending list whose outputs are there.

    look_up: gives the value of an output, with a `Ref` in place of each medium. Raises NodeError.
    """

    def value(leaf: object) -> object:
        match leaf:
            case Ref():
                return look_up(leaf)
            case Deferred():
                return leaf.compute(lambda ref: pending(look_up(ref)))
        return leaf

    return map_leaves(tree, value)
