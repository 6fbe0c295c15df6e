"""The allow-list: which parts of Jinja's syntax tree the language has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from callsheet.dsl.expression.environment import TESTS
from callsheet.dsl.expression.filters import FILTERS
from callsheet.spec.numbers import usable
from callsheet.spec.rules import expressions as rules
from callsheet.spec.rules.rule import Problem

FUNCTIONS: Final = ("next", "prev", "at", "all", "len", "range", "zip", "product", "fit_duration")
ALSO_NAMES: Final = frozenset({"product"})
"""Functions whose names nodes, axes and inputs may have too; a call of one is renamed in the tree."""
RESERVED: Final = frozenset(
    {*FUNCTIONS, "inputs", "axis", "self", "caller", "varargs", "kwargs", "true", "false", "none",
     "and", "or", "not", "in", "is", "if", "else", "elif", "endif"}
) - ALSO_NAMES  # fmt: skip
MAX_SOURCE, MAX_NODES, MAX_DEPTH, MAX_IFS = 20_000, 600, 40, 8

PLAIN: Final = (
    nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv,
    nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat, nodes.CondExpr, nodes.List, nodes.If, nodes.Keyword,
)  # fmt: skip
WORDS: Final[dict[str, str]] = {
    "Pow": "`**`", "Slice": "slices",
    "For": "`for`", "Assign": "`set`", "AssignBlock": "`set`", "Macro": "`macro`", "CallBlock": "`call`",
    "Include": "`include`", "Import": "`import`", "FromImport": "`import`", "Extends": "`extends`",
    "Block": "`block`", "FilterBlock": "`filter` blocks", "With": "`with`", "Dict": "object literals",
    "Tuple": "tuples", "TemplateReference": "`self`",
}  # fmt: skip


def violations(template: nodes.Template) -> Iterator[tuple[nodes.Node, Problem]]:
    """Every part of the tree that the language does not have."""
    count = 0
    stack: list[tuple[nodes.Node, int, int]] = [(child, 1, 0) for child in template.iter_child_nodes()]
    while stack:
        node, depth, ifs = stack.pop()
        count += 1
        ifs += isinstance(node, nodes.If)
        if count > MAX_NODES or depth > MAX_DEPTH or ifs > MAX_IFS:
            yield node, rules.too_many_parts()
            return
        if problem := _refusal(node):
            yield node, problem
        else:
            stack += [(child, depth + 1, ifs) for child in node.iter_child_nodes()]


def _refusal(node: nodes.Node) -> Problem | None:
    match node:
        case nodes.Filter(name=name) if name not in FILTERS:
            return rules.no_such_filter(name, FILTERS)
        case nodes.Test(name=name) if name not in TESTS:
            return rules.no_such_test(name, TESTS)
        case nodes.Filter() | nodes.Test():
            return _starred(node)
        case nodes.Call(node=nodes.Name(name=name)) if name in FUNCTIONS:
            return _starred(node) or _named_arguments(node, name)
        case nodes.Call(node=nodes.Name(name=name)):
            return rules.no_such_function(name, FUNCTIONS)
        case nodes.Call():
            return rules.method_call()
        case nodes.Name(name="self" | "caller" | "varargs" | "kwargs" as name):
            return rules.meaningless_name(name)
        case nodes.Const(value=int() | float() as number) if not usable(number):
            return rules.number_too_large()
        case _ if not isinstance(node, PLAIN):
            kind = type(node).__name__
            return rules.no_such_construct(WORDS.get(kind, f"`{kind.lower()}`"))
    return None


def _named_arguments(node: nodes.Call, function: str) -> Problem | None:
    for argument in node.kwargs:
        if argument.key != "wrap" or function not in ("next", "prev"):
            return rules.no_such_argument(function, argument.key)
        if not isinstance(argument.value, nodes.Const) or not isinstance(argument.value.value, bool):
            return rules.wrap_is_constant()
    return None


def _starred(node: nodes.Filter | nodes.Test | nodes.Call) -> Problem | None:
    starred = node.dyn_args is not None or node.dyn_kwargs is not None
    return rules.starred_arguments() if starred else None
