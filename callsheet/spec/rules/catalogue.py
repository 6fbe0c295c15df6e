"""All rules, by subject, in the order in which docs/rules.md lists them."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Final

from callsheet.spec.rules import (
    axes,
    batches,
    cuts,
    document,
    expressions,
    inputs,
    instances,
    lock,
    models,
    previews,
    recipes,
    settings,
    slips,
    values,
    yaml,
)
from callsheet.spec.rules.rule import Rule

SUBJECTS: Final = (
    yaml,
    document,
    values,
    inputs,
    batches,
    cuts,
    expressions,
    slips,
    instances,
    axes,
    recipes,
    models,
    lock,
    previews,
    settings,
)
"""Each after those whose rules its messages are about, too."""


def rules_of(subject: ModuleType) -> Iterator[Rule]:
    """The rules that messages of this subject are about, in the order of their declaration."""
    return (value for value in vars(subject).values() if isinstance(value, Rule))


def by_subject() -> dict[ModuleType, list[Rule]]:
    """Every rule once, under the subject that declares it."""
    seen: set[str] = set()
    found: dict[ModuleType, list[Rule]] = {}
    for subject in SUBJECTS:
        found[subject] = [rule for rule in rules_of(subject) if rule.code not in seen]
        seen.update(rule.code for rule in found[subject])
    return found
