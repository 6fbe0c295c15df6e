"""The operators of expressions: what they compute, of which type it is, and where they end."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.context import Context
from callsheet.dsl.expression.infer import infer
from callsheet.dsl.expression.template import Expression, parse_expression
from callsheet.dsl.expression.values import EvaluationError
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.types import INTEGER, JSON, NUMBER, STRING, Field, ListOf, Record, Type

INPUTS = Record({"n": Field(INTEGER), "x": Field(NUMBER), "t": Field(STRING), "any": Field(JSON)})
VALUES: dict[str, Any] = {"inputs": {"n": 7, "x": 2.5, "t": "a", "any": [1]}}


def parsed(text: str) -> Expression:
    report, source = Report(), Source(Path("film.yaml"), f"${{{{ {text} }}}}")
    found = parse_expression(YamlScalar(Span(source, 0, len(source.text)), source.text, source.text), report)
    assert found is not None, report.sorted()
    return found


def checked(text: str) -> tuple[Type, list[str]]:
    report = Report()
    found = infer(parsed(text), Context(INPUTS, {}, {}), report)
    return found, [d.message for d in report.sorted()]


@pytest.mark.parametrize(
    "text, value, kind",
    [
        ("inputs.n * 2", 14, INTEGER),
        ("inputs.n * inputs.x", 17.5, NUMBER),
        ("60 / 96", 0.625, NUMBER),
        ("6 / 2", 3.0, NUMBER),
        ("inputs.n // 2", 3, INTEGER),
        ("inputs.n % 4", 3, INTEGER),
        ("-inputs.n // 2", -4, INTEGER),
        ("2 + 3 * 4 - 6 / 3", 12.0, NUMBER),
        ("[inputs.n] + [8, 9]", [7, 8, 9], ListOf(INTEGER)),
        ("['a'] + ['b']", ["a", "b"], ListOf(STRING)),
        ("[0] + inputs.any", [0, 1], ListOf(JSON)),
        ("inputs.any + inputs.any", [1, 1], JSON),
    ],
)
def test_what_operators_give(text: str, value: object, kind: Type) -> None:
    assert checked(text) == (kind, [])
    found = parsed(text).evaluate(VALUES)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    "text, said",
    [
        ("inputs.t * 3", "`*` takes numbers, not text"),
        ("inputs.t % 3", "`%` takes numbers, not text"),
        ("[1] - 2", "`-` takes numbers, not a list of integers"),
        ("[1] + 2", "`+` joins a list to a list, not to an integer"),
        ("inputs.t + [inputs.t]", "`+` joins a list to a list, not to text"),
        ("true / 2", "`/` takes numbers, not a boolean"),
    ],
)
def test_other_types_are_refused_before_the_run(text: str, said: str) -> None:
    assert checked(text)[1] == [said]


@pytest.mark.parametrize(
    "text, code",
    [
        ("1 / 0", "expression-type"),
        ("inputs.n // (inputs.n - 7)", "expression-type"),
        ("1.5 % 0", "expression-type"),
        ("1e308 * 10", "expression-too-large"),
        ("1e308 + 1e308", "expression-too-large"),
        ("1" + " * 99999999999999999999" * 21, "expression-too-large"),
        ("(1" + "0" * 290 + " * 10000000000) / 1.5", "expression-too-large"),
        ("range(60000) + range(60000)", "expression-too-large"),
    ],
)
def test_what_has_no_result_says_so(text: str, code: str) -> None:
    from callsheet.dsl.axes.functions import functions

    with pytest.raises(EvaluationError) as error:
        parsed(text).evaluate({**VALUES, **functions()})
    assert error.value.problem.code == code


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6).filter(bool))
def test_whole_numbers_divide_with_a_rest(a: int, b: int) -> None:
    assert parsed(f"({a}) // ({b}) * ({b}) + ({a}) % ({b})").evaluate({}) == a
