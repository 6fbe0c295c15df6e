"""docs/rules.md: every code of a message, and the rule behind it."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from pages._parts import escaped, leads_on

from callsheet.spec.rule_examples import PIPELINE, ExampleFile, rule_examples
from callsheet.spec.rules.catalogue import by_subject
from callsheet.spec.rules.rule import Rule

PAGE: Final = "docs/rules.md"
NEXT: Final = leads_on(
    ("The language", "language.md", "every key, function and rule of a pipeline file"),
    ("Troubleshooting", "troubleshooting.md", "what happens during a run, and what to type"),
)
HEAD: Final = """\
# Messages

Each message about a file has a stable code in brackets:

```text
film.yaml:12:17: error[parameter-choice]: "8" is not one of "8s"
   12 |       duration: "8"
      |                 ^^^
  help: write `8s`
```

`path:line:column` is the place, `^^^` marks the exact text, and `help` is the next step. This page lists
every code with its rule, and most with an example of wrong and right. What every pipeline has, such as
`callsheet: 1`, is left out of the examples. `callsheet check --rule parameter-choice` prints one rule.

`callsheet check --json` prints the messages as data: `code`, `severity`, `path`, `line`, `column`,
`end_line`, `end_column` (all starting at 1; the end is exclusive), `message`, `help`, `notes`.

The page is made from the rules in `callsheet/spec/rules/`, where the text of each message is, too, and from
`callsheet/spec/rule_examples.md`. Tests check that each wrong example gives its code, and each right
one none.
[The language](language.md) explains the keys and functions.
"""


def files() -> Mapping[str, str]:
    """The page, by its path."""
    sections = [_section(subject, rules) for subject, rules in by_subject().items()]
    return {PAGE: "\n".join([HEAD, *sections, NEXT])}


def _section(subject: ModuleType, rules: list[Rule]) -> str:
    assert subject.__doc__, subject
    return "\n".join([f"## {subject.__doc__.removesuffix('.')}\n", *map(_entry, rules)])


def _entry(rule: Rule) -> str:
    example = rule_examples()[rule.code]
    parts = [f"### {rule.code}", escaped(rule.about), example.words]
    if example.files:
        parts += [
            "Wrong:",
            *map(_block, example.side("wrong")),
            "Right:",
            *map(_block, example.side("right")),
        ]
    return "\n\n".join(parts) + "\n"


def _block(file: ExampleFile) -> str:
    name = "" if file.name == PIPELINE else f"`{file.name}`:\n\n"
    return f"{name}```{file.language}\n{file.text}```"
