"""Instances: which there are, what each is given, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callsheet.spec import shell
from callsheet.spec.rules.document import OPTION
from callsheet.spec.rules.expressions import ABSENT, CYCLE, UNDEFINED, UNKNOWN_AXIS
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.rules.values import RANGE
from callsheet.spec.suggest import suggest
from callsheet.spec.types import Type
from callsheet.spec.wording import a_type

WHEN: Final = Rule("when-boolean", "`when` must be true or false; a text or a number is neither.")
LATE: Final = Rule("late-value", "The value is needed before the run, but an output is known only later.")
TOO_MANY: Final = Rule("too-many-instances", "The product of the axes has more instances than are allowed.")
FEWER: Final = "take an axis out of `each`, or allow more with --max-instances"
NO_SUCH_TAKE: Final = Rule("no-such-take", "The picked take does not exist.")
FALLBACK_OUTPUT: Final = Rule("fallback-output", "An alternative lacks an output that the pipeline uses.")


@WHEN.error
def when_not_an_expression(found: str) -> Text:
    return f"`when` is true, false or one expression, not {found}", "write `when: ${{ … }}`"


@WHEN.error
def when_of_another_type() -> Text:
    return (
        "`when` is true or false; there is no truthiness",
        "compare: `${{ x == … }}`, `${{ len(x) > 0 }}`",
    )


@WHEN.error
def when_not_boolean() -> Text:
    return "`when` is true or false; there is no truthiness"


@LATE.error
def when_of_output() -> Text:
    return (
        "`when` is decided before the run; an output is known only after it",
        "decide with inputs and axes",
    )


@LATE.error
def when_of_late_input() -> Text:
    return (
        "`when` is decided before the run; what is given here is known only after it",
        "decide with known values",
    )


@UNKNOWN_AXIS.error
def no_such_axis(name: str, known: Sequence[str]) -> Text:
    return f"there is no axis `{name}`", suggest(name, known, "axes") or "declare it under `axes:`"


@UNKNOWN_AXIS.error
def axis_twice(name: str) -> Text:
    return f"`{name}` is named twice", "name each axis once"


@UNDEFINED.error
def no_such_node(name: str, known: Sequence[str]) -> Text:
    return f"there is no node `{name}`", suggest(name, known, "nodes")


@CYCLE.error
def needs_itself(name: str) -> Text:
    return f"`{name}` needs itself"


@CYCLE.error
def instances_in_a_circle(circle: str) -> Text:
    """circle: the addresses as a path."""
    return f"these wait for each other: {circle}", "take one of the references out"


@CYCLE.error
def fallback_in_a_circle(circle: str) -> Text:
    return f"with its fallback these wait for each other: {circle}", "take one of the references out"


@ABSENT.error
def absent_parameter(reason: str, name: str) -> Text:
    return (
        f"{reason}, and `{name}` is required",
        "skip this instance with `when:`, or give a `| default(…)`",
    )


@ABSENT.error
def absent_output(reason: str) -> Text:
    return f"{reason}, so there is no such output"


@TOO_MANY.error
def too_many_counted(count: int, most: int, is_batch: bool) -> Text:
    """is_batch: it is made for each row of a table."""
    step = "split the table, or allow more with --max-instances" if is_batch else FEWER
    return f"the pipeline has {count:,} instances; the limit is {most:,}", step


@TOO_MANY.error
def too_many(most: int) -> Text:
    return f"the pipeline has more than {most:,} instances", FEWER


@TOO_MANY.error
def too_many_recipes(most: int) -> Text:
    return f"the pipeline puts in more than {most:,} recipes", "take an axis out of `each`"


@TOO_MANY.error
def too_many_takes(count: int, most: int) -> Text:
    return (
        f"with its takes the pipeline has {count:,} instances; the limit is {most:,}",
        "ask for fewer takes",
    )


@OPTION.error
def same_takes(uses: str) -> Text:
    return f"every take of `{uses}` would be the same", "give takes to a node that asks a model"


@OPTION.warning
def nothing_gathered(name: str) -> Text:
    return (
        f"`missing` changes nothing here: `{name}` gathers no list of results",
        "give it a list, such as `${{ clip.video }}` of a node with `each`, or leave `missing` out",
    )


@RANGE.error
def seed_too_large(address: str, seed: int, most: float) -> Text:
    return (
        f"{address} would have the seed {seed}, and the model takes at most {most:g}",
        "give a smaller `seed`",
    )


@NO_SUCH_TAKE.error
def no_such_take(where: str, picked: int, address: str, count: int) -> Text:
    """where: the file that picks it."""
    return (
        f"{where} picks take {picked} of {address}, which has {count}",
        f"raise `takes`, or pick another: {shell.command(['callsheet', 'pick', 'FILE', address, 1])}",
    )


@FALLBACK_OUTPUT.error
def unlike_output(uses: tuple[str, str], name: str, types: tuple[Type, Type | None], user: str) -> Text:
    """uses: of the alternative, and of what it stands in for. types: what is wanted, and what it gives."""
    wanted, given = types
    gives = f"its `{name}` is {a_type(given)}" if given else f"it gives no `{name}`"
    return (
        f"`{uses[0]}` cannot stand in for `{uses[1]}`: {gives}, and {user} needs {a_type(wanted)}",
        f"choose a model that gives `{name}`",
    )
