"""A rule as text: what it says, why, and files that break it and keep it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import fill, indent
from typing import Final

from callsheet.spec.rule_examples import PIPELINE, ExampleFile, rule_examples
from callsheet.spec.rules.catalogue import by_subject
from callsheet.spec.suggest import suggest

WIDTH: Final = 100
LINK: Final = re.compile(r"\[(.+?)\]\([^)]*\)")


def rule_text(code: str) -> str | None:
    """All that is to be said of the rule with this code; None where there is none."""
    rules = {rule.code: rule for found in by_subject().values() for rule in found}
    if code not in rules:
        return None
    example = rule_examples()[code]
    parts = [f"{code}: {rules[code].about}", *map(_paragraph, example.words.split("\n\n"))]
    if example.files:
        parts += ["wrong:", *_files(example.side("wrong")), "right:", *_files(example.side("right"))]
    return "\n\n".join(parts)


def unknown_rule(code: str) -> str:
    """What to say of a code that no rule has."""
    step = suggest(code, rule_examples()) or "a message has its code in brackets, as in error[unknown-key]"
    return f"no rule is called {code}; {step}"


def _paragraph(words: str) -> str:
    return fill(LINK.sub(r"\1", words), WIDTH, break_long_words=False, break_on_hyphens=False)


def _files(files: Iterable[ExampleFile]) -> Iterator[str]:
    for file in files:
        name = "" if file.name == PIPELINE else f"  {file.name}\n"
        yield name + indent(file.text.rstrip(), "    ")
