"""A text with expressions: parsed once, evaluated once for each instance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jinja2 import Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expression.allowlist import ALSO_NAMES, MAX_SOURCE, violations
from callsheet.dsl.expression.environment import ENVIRONMENT, parse
from callsheet.dsl.expression.values import MAX_TEXT, AbsentError, EvaluationError, is_missing, why_missing
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.rules import expressions as rules

Scope = dict[str, Any]
MARK = re.compile(r"\$\{[{%#]")
OPENING, CLOSING = "([{", ")]}"


def has_expression(text: str) -> bool:
    return "${" in text and MARK.search(text) is not None


@dataclass(frozen=True, slots=False, eq=False)
class Expression:
    """A text with `${{ … }}` in it. `native` is the one expression that is the whole text, if it is."""

    scalar: YamlScalar
    ast: nodes.Template
    native: nodes.Expr | None
    chains: list[Any] = field(default_factory=list, repr=False)

    @cached_property
    def tokens(self) -> list[tuple[int, int, str]]:
        return ENVIRONMENT.tokens(self.scalar.text)

    def part(self, node: nodes.Node) -> Span:
        """The place of a part of the expression in the file."""
        start, end = self._extent(node)
        return self.scalar.locate(start, end)

    def mark(self, node: nodes.Node) -> Span:
        """The place to point at: of a filter or a test its name, of anything else all of it."""
        if isinstance(node, nodes.Filter | nodes.Test):
            return self.scalar.locate(node.lineno, node.lineno + len(node.name))
        return self.part(node)

    @cached_property
    def span(self) -> Span:
        """The place of the whole expression, or of the whole text around several."""
        return self.part(self.native) if self.native is not None else self.scalar.span

    def _extent(self, node: nodes.Node) -> tuple[int, int]:
        """Character offsets; helper nodes of Jinja's have none of their own."""
        extents, stack = [], [node]
        while stack:
            part = stack.pop()
            stack += part.iter_child_nodes()
            if part.lineno is not None:
                extents.append((part.lineno, self._end(part)))
        return min(start for start, _ in extents), max(end for _, end in extents)

    def _end(self, node: nodes.Node) -> int:
        at = next((i for i, t in enumerate(self.tokens) if t[0] == node.lineno), None)
        if at is None:
            return node.lineno + 1
        match node:
            case nodes.Getattr():
                at = min(at + 1, len(self.tokens) - 1)
            case nodes.Getitem() | nodes.Call() | nodes.List():
                at = self._closing(at)
            case nodes.Filter() if node.args or node.kwargs:
                at = self._closing(at + 1)
            case nodes.Name() | nodes.Const() | nodes.Filter() | nodes.Test():
                pass
            case _:
                return node.lineno + 1
        return self.tokens[at][1]

    def _closing(self, at: int) -> int:
        depth = 0
        for i in range(at, len(self.tokens)):
            text = self.tokens[i][2]
            depth += (text in OPENING) - (text in CLOSING)
            if depth <= 0:
                return i
        return at

    @cached_property
    def _program(self) -> Template:
        return compile_native(self.native) if self.native is not None else ENVIRONMENT.from_string(self.ast)

    def evaluate(self, scope: Scope) -> object:
        """The value; raises EvaluationError, or NotYet when it computes with an output."""
        if self.native is not None:
            return run_native(self._program, scope)
        context = self._program.new_context(scope, shared=True)
        text = _guarded(lambda: "".join(self._program.root_render_func(context)))
        if len(text) > MAX_TEXT:
            raise EvaluationError(rules.long_result(len(text)))
        return text


def compile_native(expr: nodes.Expr) -> Template:
    body = [nodes.Assign(nodes.Name("result", "store", lineno=1), expr, lineno=1)]
    return ENVIRONMENT.from_string(nodes.Template(body, lineno=1))


def run_native(program: Template, scope: Scope) -> object:
    context = program.new_context(scope, shared=True)
    _guarded(lambda: list(program.root_render_func(context)))
    value = context.vars["result"]
    if is_missing(value):
        raise EvaluationError(rules.not_found(why_missing(value)))
    return value


def _guarded(run: Any) -> Any:
    try:
        return run()
    except AbsentError as error:
        raise EvaluationError(rules.absent(str(error))) from None
    except UndefinedError as error:
        raise EvaluationError(rules.not_found(str(error))) from None
    except (TypeError, ValueError, OverflowError, SecurityError) as error:
        raise EvaluationError(rules.not_computable(str(error))) from None


def parse_expression(scalar: YamlScalar, report: Report) -> Expression | None:
    """The expression that `scalar` holds, or None with diagnostics."""
    if len(scalar.text) > MAX_SOURCE:
        report.add(scalar.span, rules.long_source(len(scalar.text)))
        return None
    try:
        ast = parse(scalar.text)
    except TemplateSyntaxError as error:
        at = min(error.lineno, max(len(scalar.text) - 1, 0))
        report.add(scalar.locate(at, at + 1), rules.not_an_expression(_plain_words(error)))
        return None
    except (RecursionError, ValueError, OverflowError):
        report.add(scalar.span, rules.unparsable_size())
        return None
    except SyntaxError:  # digits of another script
        report.add(scalar.span, rules.not_an_expression("a number is written with the digits 0 to 9"))
        return None
    expression = Expression(scalar, ast, _only_expression(ast))
    refused = list(violations(ast))
    for node, problem in refused:
        report.add(expression.mark(node), problem)
    if refused:
        return None
    for call in ast.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ALSO_NAMES:
            call.node.name = f"_{call.node.name}"
    return expression


def _only_expression(ast: nodes.Template) -> nodes.Expr | None:
    match ast.body:
        case [nodes.Output(nodes=[expr])] if not isinstance(expr, nodes.TemplateData):
            return expr
    return None


def _plain_words(error: TemplateSyntaxError) -> str:
    message = error.message or "not an expression"
    return message.replace("'end of print statement'", "`}}`").replace("print statement", "`${{ … }}`")


def keys_read(expression: Expression, name: str) -> list[str] | None:
    """The keys by which an expression looks into `name`; None when it uses `name` in another way too."""
    keys = []
    for node in expression.ast.find_all((nodes.Getattr, nodes.Getitem)):
        match node:
            case nodes.Getattr(node=nodes.Name(name=found), attr=key) if found == name:
                keys.append(key)
            case nodes.Getitem(node=nodes.Name(name=found), arg=nodes.Const(value=str(key))) if found == name:
                keys.append(key)
    uses = sum(used.name == name for used in names_in(expression))
    return keys if uses == len(keys) else None


def names_in(expression: Expression) -> Iterator[nodes.Name]:
    """Every name that the expression reads."""
    return expression.ast.find_all(nodes.Name)
