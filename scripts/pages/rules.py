"""docs/rules.md: every code of a message, and the rule behind it."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from callsheet.spec.rules.catalogue import by_subject
from callsheet.spec.rules.rule import Rule

PAGE = "docs/rules.md"
HEAD = """\
# What callsheet says, and why

Every message about a file has a stable code: `film.yaml:12:17: error[parameter-choice]: "8" is not one of
"8s"`. `callsheet check --json` gives the same as data: `code`, `severity`, `path`, `line`, `column`,
`end_line`, `end_column` (the last one exclusive, all starting at 1), `message`, `help`, `notes`. This page
is written by `scripts/pages/rules.py` from the rules in `callsheet/spec/rules/`, where the text of each
message stands too."""


def files() -> Mapping[str, str]:
    """The page, by its path."""
    sections = (_section(subject, rules) for subject, rules in by_subject().items())
    return {PAGE: "\n\n".join((HEAD, *sections)) + "\n"}


def _section(subject: ModuleType, rules: list[Rule]) -> str:
    assert subject.__doc__, subject
    rows = [f"| `{rule.code}` | {rule.about} |" for rule in rules]
    return "\n".join((f"## {subject.__doc__.removesuffix('.')}", "", "| code | rule |", "|---|---|", *rows))
