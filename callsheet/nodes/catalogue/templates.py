"""Names that stand for many endpoints: `hf/<repo>@text-to-video` is every repository with that task."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

REPOSITORY: Final = r"[\w.-]+/[\w.-]+"
EXAMPLE: Final = "Wan-AI/Wan2.1-T2V-14B"
"""A repository that shows what a name looks like."""


def is_template(name: str) -> bool:
    """Whether a name in the catalogue stands for many endpoints."""
    return "<" in name


def matching(uses: str, names: Iterable[str]) -> str | None:
    """The template among `names` that covers `uses`, or None."""
    return next((name for name in names if is_template(name) and _pattern(name).fullmatch(uses)), None)


def near(uses: str, names: Iterable[str]) -> Iterator[str]:
    """Names that `uses` may have meant: every template with the same beginning, filled in."""
    for name in filter(is_template, names):
        start, end = _ends(name)
        if uses.startswith(start):
            said = uses.removeprefix(start).partition(end[:1])[0]
            yield f"{start}{said if '/' in said else EXAMPLE}{end}"


def _ends(template: str) -> tuple[str, str]:
    """What stands before `<…>`, and what stands after it."""
    start, _, rest = template.partition("<")
    return start, rest.partition(">")[2]


@cache
def _pattern(template: str) -> re.Pattern[str]:
    start, end = _ends(template)
    return re.compile(f"{re.escape(start)}{REPOSITORY}{re.escape(end)}", re.ASCII)
