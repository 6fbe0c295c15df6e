"""The allow-list: which parts of Jinja's syntax tree the language has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from callsheet.dsl.expression.environment import TESTS
from callsheet.dsl.expression.filters import FILTERS

FUNCTIONS: Final = ("next", "prev", "at", "all", "len", "range", "zip", "product", "fit_duration")
RESERVED: Final = frozenset(
    {*FUNCTIONS, "inputs", "axis", "self", "loop", "caller", "varargs", "kwargs", "true", "false", "none",
     "and", "or", "not", "in", "is", "if", "else", "elif", "endif"}
)  # fmt: skip
MAX_SOURCE, MAX_NODES, MAX_DEPTH, MAX_IFS = 20_000, 600, 40, 8

PLAIN: Final = (
    nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos, nodes.Concat,
    nodes.CondExpr, nodes.List, nodes.If, nodes.Keyword,
)  # fmt: skip
WORDS: Final[dict[str, str]] = {
    "Mul": "`*`", "Div": "`/`", "FloorDiv": "`//`", "Mod": "`%`", "Pow": "`**`", "Slice": "slices",
    "For": "`for`", "Assign": "`set`", "AssignBlock": "`set`", "Macro": "`macro`", "CallBlock": "`call`",
    "Include": "`include`", "Import": "`import`", "FromImport": "`import`", "Extends": "`extends`",
    "Block": "`block`", "FilterBlock": "`filter` blocks", "With": "`with`", "Dict": "object literals",
    "Tuple": "tuples", "TemplateReference": "`self`",
}  # fmt: skip


def violations(template: nodes.Template) -> Iterator[tuple[nodes.Node, str, str, str]]:
    """(node, code, message, help) for everything that the language does not have."""
    count = 0
    stack: list[tuple[nodes.Node, int, int]] = [(child, 1, 0) for child in template.iter_child_nodes()]
    while stack:
        node, depth, ifs = stack.pop()
        count += 1
        ifs += isinstance(node, nodes.If)
        if count > MAX_NODES or depth > MAX_DEPTH or ifs > MAX_IFS:
            yield (
                node,
                "expression-too-large",
                "the expression is too long or nested too deeply",
                "split it over inputs",
            )
            return
        if refused := list(_refusal(node)):
            yield from refused
        else:
            stack += [(child, depth + 1, ifs) for child in node.iter_child_nodes()]


def _refusal(node: nodes.Node) -> Iterator[tuple[nodes.Node, str, str, str]]:
    match node:
        case nodes.Filter(name=name) if name not in FILTERS:
            yield node, "expression-forbidden", f"there is no filter `{name}`", _choices("filters", FILTERS)
        case nodes.Test(name=name) if name not in TESTS:
            yield node, "expression-forbidden", f"there is no test `{name}`", _choices("tests", TESTS)
        case nodes.Filter() | nodes.Test():
            yield from _starred(node)
        case nodes.Call(node=nodes.Name(name=name)) if name in FUNCTIONS and not node.kwargs:
            yield from _starred(node)
        case nodes.Call(node=nodes.Name(name=name)):
            yield (
                node,
                "expression-forbidden",
                f"there is no function `{name}`",
                _choices("functions", FUNCTIONS),
            )
        case nodes.Call():
            yield (
                node,
                "expression-forbidden",
                "only functions can be called, not methods",
                "use a filter: `x | upper`",
            )
        case nodes.Name(name="self" | "loop" | "caller" | "varargs" | "kwargs" as name):
            yield node, "undefined-name", f"`{name}` has no meaning here", ""
        case _ if not isinstance(node, PLAIN):
            what = WORDS.get(type(node).__name__, f"`{type(node).__name__.lower()}`")
            yield (
                node,
                "expression-forbidden",
                f"expressions have no {what}",
                "compute the value in an input or in the list file",
            )


def _starred(node: nodes.Filter | nodes.Test | nodes.Call) -> Iterator[tuple[nodes.Node, str, str, str]]:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        yield node, "expression-forbidden", "expressions have no `*` arguments", ""


def _choices(what: str, names: object) -> str:
    return f"the {what} are " + ", ".join(names)  # type: ignore[arg-type]
