"""Why each rule exists, with a wrong and a right example; written in rule_examples.md beside this file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

Which = Literal["wrong", "right", "both"]

PIPELINE: Final = "film.yaml"
FENCE: Final = re.compile(
    r"^```(?P<language>\w+) (?P<which>wrong|right|both) ?(?P<name>[\w.-]*)\n(?P<text>.*?)^```\n", re.M | re.S
)


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """A file of an example. which: whether it breaks the rule, keeps it, or is the same in both."""

    name: str
    language: str
    which: Which
    text: str


@dataclass(frozen=True, slots=True)
class RuleExample:
    """What is to be said of a rule: why it is so or what to do, and files; no files where no file alone
    breaks the rule."""

    words: str
    files: tuple[ExampleFile, ...]

    def side(self, which: Literal["wrong", "right"]) -> tuple[ExampleFile, ...]:
        """The files that break the rule together, or those that keep it."""
        return tuple(file for file in self.files if file.which in (which, "both"))


@cache
def rule_examples() -> Mapping[str, RuleExample]:
    """Code of a rule → what is to be said of it, in the order of the file."""
    text = (files("callsheet.spec") / "rule_examples.md").read_text(encoding="utf-8")
    _, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    return dict(map(_read, sections))


def _read(section: str) -> tuple[str, RuleExample]:
    code, _, rest = section.partition("\n")
    found = tuple(
        ExampleFile(fence["name"] or PIPELINE, fence["language"], _which(fence["which"]), fence["text"])
        for fence in FENCE.finditer(rest)
    )
    return code.strip(), RuleExample(re.sub(r"\n{3,}", "\n\n", FENCE.sub("", rest)).strip(), found)


def _which(word: str) -> Which:
    return "wrong" if word == "wrong" else "right" if word == "right" else "both"
