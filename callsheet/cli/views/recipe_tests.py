"""What came out of tests of recipes, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.render import Paint, render
from callsheet.runtime.recipe_tests.golden import golden_path
from callsheet.runtime.recipe_tests.outcome import ExampleOutcome, RecipeOutcome
from callsheet.spec.plural import plural

COLOURS = {"-": "red", "+": "green"}


def outcome_text(outcome: RecipeOutcome, paint: Paint) -> str:
    """A recipe with all its examples."""
    return "\n".join(_lines(outcome, paint))


def _lines(outcome: RecipeOutcome, paint: Paint) -> Iterator[str]:
    yield paint(f"{outcome.path}{f' {outcome.version}' if outcome.version else ''}", "bold")
    if outcome.problem:
        message, step = outcome.problem
        yield f"  {paint('failed', 'red')}  {message}" + (f"\n  help: {step}" if step else "")
    yield from _told(outcome.diagnostics, paint)
    width = max((len(example.name) for example in outcome.examples), default=0)
    for example in outcome.examples:
        yield f"  {example.name:<{width}}  {_verdict(outcome, example, paint)}"
        yield from _told(example.diagnostics, paint)
        yield from (f"      {paint(line, COLOURS.get(line[:1], ''))}" for line in example.difference or ())
        yield from (f"      {line}" for line in example.failed or ())
    for name in outcome.gone:
        yield f"  {name}  {paint('failed', 'red')}: only {golden_path(outcome.path).name} has this example"
    if outcome.written:
        yield f"  {golden_path(outcome.path)} written"


def _verdict(outcome: RecipeOutcome, example: ExampleOutcome, paint: Paint) -> str:
    if example.ok and example.instances is not None:
        previewed = ", previewed" if example.failed is not None else ""
        return f"ok, {plural(example.instances, 'instance')}{previewed}"
    name = golden_path(outcome.path).name
    if example.instances is None:
        why = "it has errors"
    elif example.difference is None:
        why = f"it is not in {name}; --update adds it"
    elif example.difference:
        why = f"it differs from {name}; --update takes it over"
    else:
        why = "its preview failed"
    return f"{paint('failed', 'red')}: {why}"


def _told(diagnostics: Sequence[Diagnostic], paint: Paint) -> Iterator[str]:
    for diagnostic in diagnostics:
        yield "\n".join(f"    {line}" for line in render(diagnostic, paint).splitlines())


def summary(outcomes: Sequence[RecipeOutcome]) -> str:
    """`3 recipes, 5 examples, 1 recipe failed`"""
    examples = sum(len(outcome.examples) for outcome in outcomes)
    failed = sum(not outcome.ok for outcome in outcomes)
    counts = [plural(len(outcomes), "recipe"), plural(examples, "example")]
    return ", ".join([*counts, *([f"{plural(failed, 'recipe')} failed"] if failed else [])])
