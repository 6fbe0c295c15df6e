"""From the lines of a lock file to what it says for one set of inputs, and back.

A section without a decision of its own about an instance has that of the default section, "": what a person
picked or approved there is the same picture here, since decisions name results by digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from callsheet.runtime.lock.lines import Decided, Line, Pin, Result, Schema, Section
from callsheet.runtime.lock.model import Block, Decision, Lock, Made, Recipe, joined
from callsheet.runtime.lock.read import Content

DEFAULT: Final = ""
"""The section of a run without `--set` and `--inputs`."""

TAKEN_BACK: Final = ("approve", "reject")
"""Decisions that can be undone; others are only replaced."""


def lock_in(content: Content, section: str) -> Lock:
    """What a lock file says for `section`. Version 1 knows no sections: all that it says is for each."""
    own = DEFAULT if content.version == 1 else section
    results: dict[str, list[Made]] = {}
    decisions: dict[str, list[Decision]] = {}
    inherited: dict[str, list[Decision]] = {}
    elsewhere: list[Made] = []
    for line in content.lines:
        match line:
            case Result(where, address, made) if where == own:
                results.setdefault(address, []).append(made)
            case Result(_, _, made):
                elsewhere.append(made)
            case Decided(where, address, decision) if where == own:
                decisions.setdefault(address, []).append(decision)
            case Decided(where, address, decision) if where == DEFAULT:
                inherited.setdefault(address, []).append(decision)
    for address, found in inherited.items():
        kinds = {decision.kind for decision in decisions.get(address, ())}
        decisions.setdefault(address, []).extend(d for d in found if d.kind not in kinds)
    addresses = sorted({*results, *decisions})
    recipes, other_recipes = _pins(content.lines)
    return Lock(
        recipes,
        _schemas(content.lines),
        {a: _block(results.get(a, ()), decisions.get(a, ())) for a in addresses},
        tuple(elsewhere),
        other_recipes,
    )


def _block(results: Sequence[Made], decisions: Sequence[Decision]) -> Block:
    single: list[Made] = []
    for made in results:
        if not any(made.is_result_of(known) for known in single):
            single.append(made)
    return Block(single[0] if single else None, joined(decisions), tuple(single[1:]))


def _pins(lines: Iterable[Line]) -> tuple[dict[str, Recipe], dict[str, Recipe]]:
    """The pins of recipes, and those that differ from them."""
    first: dict[str, Recipe] = {}
    others: dict[str, Recipe] = {}
    for line in lines:
        if isinstance(line, Pin) and first.setdefault(line.uses, line.recipe) != line.recipe:
            others.setdefault(line.uses, line.recipe)
    return first, others


def _schemas(lines: Iterable[Line]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        if isinstance(line, Schema):
            found.setdefault(line.uses, line.digest)
    return found


def lines_of(lock: Lock, section: str, before: Content, inputs: Sequence[str] = ()) -> tuple[Line, ...]:
    """The lines of a lock file whose `section` says what `lock` says; other sections stay as they are.

    inputs: the names of the inputs that the section is about. Decisions that the section has from the default
    one stay there; an approval or a rejection that was taken back is removed there.
    """
    was = lock_in(before, section)
    inherited = {} if section == DEFAULT else _inherited(before, was, section)
    gone = {
        a: [d for d in said if d.kind in TAKEN_BACK and d not in lock.block(a).decisions]
        for a, said in inherited.items()
        if a in lock.instances
    }
    return (
        *_named(before.lines, section, inputs),
        *(Pin(uses, recipe) for uses, recipe in (*lock.recipes.items(), *lock.other_recipes.items())),
        *(Schema(uses, digest) for uses, digest in lock.endpoints.items()),
        *_others(before.lines, section, gone),
        *_own(lock, section, inherited),
    )


def _inherited(before: Content, was: Lock, section: str) -> dict[str, list[Decision]]:
    """Address → the decisions that `section` has from the default one."""
    own = {(x.address, x.decision) for x in before.lines if isinstance(x, Decided) and x.section == section}
    return {a: [d for d in b.decisions if (a, d) not in own] for a, b in was.instances.items()}


def _named(lines: Iterable[Line], section: str, inputs: Sequence[str]) -> Iterator[Line]:
    yield from (line for line in lines if isinstance(line, Section) and line.name != section)
    if section != DEFAULT:
        yield Section(section, tuple(inputs))


def _others(
    lines: Iterable[Line], section: str, gone: Mapping[str, Sequence[Decision]]
) -> Iterator[Result | Decided]:
    """The lines of other sections, without the inherited decisions that are gone."""
    for line in lines:
        if not isinstance(line, Result | Decided) or line.section == section:
            continue
        is_gone = isinstance(line, Decided) and line.decision in gone.get(line.address, ())
        if not (is_gone and line.section == DEFAULT):
            yield line


def _own(lock: Lock, section: str, inherited: Mapping[str, Sequence[Decision]]) -> Iterator[Result | Decided]:
    for address, block in lock.instances.items():
        yield from (Result(section, address, made) for made in block.results)
        known = inherited.get(address, ())
        yield from (Decided(section, address, d) for d in block.decisions if d not in known)


def sections_in(lines: Iterable[Line]) -> list[str]:
    """The names of all sections, the default one first."""
    found = {line.section for line in lines if isinstance(line, Result | Decided)}
    return sorted(found | {line.name for line in lines if isinstance(line, Section)})


def without_section(content: Content, section: str) -> Content:
    """The content of a lock file without one of its sections."""

    def about(line: Line) -> str | None:
        match line:
            case Result(name) | Decided(name) | Section(name):
                return name
        return None

    return replace(content, lines=tuple(line for line in content.lines if about(line) != section))
