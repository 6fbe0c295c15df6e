"""A lock file in short lines, which `git diff` compares: what is made, for how much, who decided what."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callsheet.errors import PipelineError
from callsheet.runtime.lock.disputes import described
from callsheet.runtime.lock.lines import (
    Decided,
    Line,
    Pin,
    Result,
    Schema,
    Section,
    Writer,
    in_section,
    place,
)
from callsheet.runtime.lock.model import Made
from callsheet.runtime.lock.read import read
from callsheet.spec.money import money

DIGITS: Final = 12
"""Of a digest; two of them among a hundred thousand are alike once in ten thousand locks."""


def short_text(path: Path) -> str:
    """The lock file at `path` in short lines; as it is where it cannot be read."""
    try:
        lines = sorted(read(path).lines, key=place)
    except PipelineError:
        return path.read_text("utf-8", "replace")
    return "".join(f"{short_line(line)}\n" for line in lines)


def short_line(line: Line) -> str:
    """One line of a lock file, for people."""
    match line:
        case Writer(version):
            return f"written by callsheet {version}"
        case Section(name, inputs):
            return f"section {name}: {', '.join(inputs)}"
        case Pin(uses):
            return f"recipe {uses}: {described(line)}"
        case Schema(uses, digest):
            return f"endpoint {uses}: schema {digest[:DIGITS]}"
        case Decided(section, address):
            return f"{in_section(section, address)}: {described(line)}"
        case Result(section, address, made):
            return (
                f"{in_section(section, address)}: {made.uses}, {cost_of(made)},"
                f" {made.key[:DIGITS]} → {made.digest[:DIGITS]}"
            )


def cost_of(made: Made) -> str:
    """What a result cost, in words."""
    return "unknown price" if made.usd is None else money(made.usd)
