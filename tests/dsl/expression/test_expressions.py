"""What `${{ … }}` may do, what it may not, and that nothing a model says is ever evaluated."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.template import Expression, parse_expression
from callsheet.dsl.expression.values import EvaluationError
from callsheet.dsl.yaml.nodes import YamlScalar


def parsed(text: str) -> tuple[Expression | None, Report]:
    report = Report()
    source = Source(Path("film.yaml"), text)
    return parse_expression(YamlScalar(Span(source, 0, len(text)), text, text), report), report


def value(text: str, **names: object) -> object:
    expression, report = parsed(text)
    assert expression is not None, report.sorted()
    return expression.evaluate(names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ a }}", 3),
        ("${{ a }} ", "3 "),
        ("${{ b.c[1] }}", "y"),
        ("${{ b['c'][0] }}", "x"),
        ("${{ a + 1 - 0.5 }}", 3.5),
        ("${{ a > 2 and not false }}", True),
        ('${{ "big" if a > 2 else "small" }}', "big"),
        ("x ${{ a }} ${{ true }} ${{ 1.5 }}", "x 3 true 1.5"),
        ("${% if a > 2 %}big${% elif a > 1 %}mid${% else %}small${% endif %}", "big"),
        ("a${# a comment #}b", "ab"),
        ("${{ b.c | join('+') | upper }}", "X+Y"),
        ("${{ nothing | default('none') }}", "none"),
        ("${{ t }}", "042"),
        ("${{ t }}!", "042!"),
        ("{{ a }} $x {% if %} ${a}", "{{ a }} $x {% if %} ${a}"),
        ("${{ people.name }}", ["ann", "bo"]),
    ],
)
def test_values(text: str, expected: object) -> None:
    names: dict[str, Any] = {"a": 3, "b": {"c": ["x", "y"]}, "nothing": None, "t": "042"}
    names["people"] = [{"name": "ann"}, {"name": "bo"}]
    if "${{" not in text and "${%" not in text and "${#" not in text:
        from callsheet.dsl.expression.template import has_expression

        assert not has_expression(text)
        return
    assert value(text, **names) == expected


ATTACKS = [
    "${{ 'x' * 10**9 }}",
    "${{ [0] * 10**9 }}",
    "${{ ''.__class__.__mro__ }}",
    "${{ a['__class__'] }}",
    "${{ a.__init__.__globals__ }}",
    "${{ a | attr('__class__') }}",
    "${{ '%1000000000d' % 1 }}",
    "${{ '{:1000000000}'.format(1) }}",
    "${{ 'x'.ljust(1000000000) }}",
    "${{ 'x' | center(1000000000) }}",
    "${{ range(10**9) }}",
    "${{ range(1000000000) | list }}",
    "${% for i in range(9) %}${% for j in range(9) %}x${% endfor %}${% endfor %}",
    "${% macro f(n) %}${{ f(n) }}${% endmacro %}${{ f(1) }}",
    "${% set x = 1 %}",
    "${% include 'film.yaml' %}",
    "${% import 'x' as y %}",
    "${{ lipsum(1000) }}",
    "${{ cycler('a') }}",
    "${{ namespace(x=1) }}",
    "${{ dict(a=1) }}",
    "${{ self }}",
    "${{ self.__init__ }}",
    "${{ loop }}",
    "${{ config }}",
    "${{ 'aa' | replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') "
    + "| replace('a', 'aaaaaaaaaaaaaaaaaaaa') " * 5
    + "}}",
    "${{ " + "(" * 300 + "1" + ")" * 300 + " }}",
    "${{ " + "not " * 200 + "true }}",
    "${{ " + " + ".join(["1"] * 2000) + " }}",
    "${% if true %}" * 30 + "x" + "${% endif %}" * 30,
    "${{ product(range(90000), range(90000)) }}",
    "${{ a[1:2] }}",
    "${{ 9 ** 9 ** 9 }}",
    "${{ [0] * 1000000000 }}",
    "${{ range(90000) + range(90000) }}",
    "${{ 9" + "* 9999999999999999999999" * 200 + "}}",
    "${{ 1e308 * 10 }}",
    "${{ 1 // 0 }}",
    "${{ 1 % 0.0 }}",
    "${{ a.items() }}",
    "${{ {'a': 1} }}",
    "${{ a | map('upper') }}",
    "${{ range(*a) }}",
    "${{ (1, 2) }}",
]


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_attacks_end_in_a_message_at_once(text: str) -> None:
    from callsheet.dsl.axes.functions import functions

    started = time.process_time()
    expression, report = parsed(text)
    if expression is not None:
        with pytest.raises(EvaluationError):
            expression.evaluate({"a": {"b": 1}, **functions()})
    else:
        assert report.failed
    assert time.process_time() - started < 5


@given(st.text(max_size=200))
def test_values_are_never_evaluated(said: str) -> None:
    assert value("${{ x }}", x=said) == said
    assert value("<${{ x }}>", x=said) == f"<{said}>"
    assert value("${{ x }}", x="${{ x }}") == "${{ x }}"


@given(st.sampled_from(["42", "None", "[1, 2]", "true", "{'url': 'http://evil'}", "1e9", "null"]))
def test_text_never_changes_type(said: str) -> None:
    assert value("${{ x }}", x=said) == said


@pytest.mark.parametrize("bad", [[1], {"a": 1}, None])
def test_only_text_and_numbers_are_pasted(bad: object) -> None:
    with pytest.raises(EvaluationError) as error:
        value("x ${{ bad }}", bad=bad)
    assert error.value.problem.code == "text-value"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("x ${{ foo.bar(1) }}", "foo.bar(1)"),
        ("x ${{ a | frobnicate(1) | upper }}", "frobnicate"),
        ("x ${{ b + nothing(a, [1]) }}", "nothing(a, [1])"),
        ("日本 🎬 ${{ 3 ** x }}", "3 ** x"),
    ],
)
def test_marks_the_exact_part(text: str, marked: str) -> None:
    _, report = parsed(text)
    assert [d.span.text for d in report.sorted()] == [marked]
