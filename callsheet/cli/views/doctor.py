"""A doctor's report as text, for the terminal and to be pasted into an issue."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from callsheet.cli.output import style
from callsheet.cli.views.wording import printable
from callsheet.runtime.doctor.finding import Doctor, Finding
from callsheet.spec.plural import plural

COLOURS: Final = {"ok": "green", "note": "blue", "warning": "yellow", "error": "red"}
LEVEL: Final = 9
NARROWEST: Final = 60


def doctor_text(found: Doctor, columns: int, colour: bool = False) -> str:
    """One paragraph for each finding, at most `columns` wide, and a line that sums them up."""
    width = max(columns, NARROWEST)
    subjects = max((len(one.subject) for one in found.findings), default=0)
    lines = [f"callsheet {found.callsheet}, {found.date}", ""]
    for one in found.findings:
        lines += _lines(one, subjects, width, colour)
    return "\n".join([*lines, "", _sum(found)])


def _lines(one: Finding, subjects: int, width: int, colour: bool) -> list[str]:
    level = f"{one.level:<{LEVEL}}"
    indent = " " * (LEVEL + subjects + 2)
    parts = wrap(printable(one.message), width - len(indent), break_on_hyphens=False) or [""]
    if one.next_step and one.level != "ok":
        parts += wrap(
            f"next: {printable(one.next_step)}",
            width - len(indent),
            subsequent_indent="      ",
            break_on_hyphens=False,
        )
    head = f"{style(level, COLOURS[one.level]) if colour else level}{one.subject:<{subjects}}  {parts[0]}"
    return [head, *(f"{indent}{part}" for part in parts[1:])]


def _sum(found: Doctor) -> str:
    counts = {level: sum(one.level == level for one in found.findings) for level in ("error", "warning")}
    if not any(counts.values()):
        return "nothing is wrong"
    return " and ".join(plural(count, level) for level, count in counts.items() if count)
