"""Who decides, and when: written beside each decision in a lock file."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from callsheet.runtime.git_revision import setting
from callsheet.runtime.lock.model import Decision, Recipe
from callsheet.spec.price.age import today

LONGEST: Final = 200
"""Characters of a name or a note."""


def signed(decision: Decision, folder: Path) -> Decision:
    """`decision` with who makes it, as git in `folder` knows the person, and when."""
    return replace(decision, by=author(folder), at=now(), note=on_one_line(decision.note))


def signed_pin(recipe: Recipe, folder: Path) -> Recipe:
    """The pin of a recipe with who pins it, and when."""
    return replace(recipe, by=author(folder), at=now())


def author(folder: Path) -> str:
    """The name that git has for the person, else that of the account; "" where there is none."""
    name = os.environ.get("GIT_AUTHOR_NAME") or setting(folder, "user.name")
    if not name:
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):
            return ""
    return on_one_line(name)


def now() -> str:
    """The time in UTC, to the second; `CALLSHEET_TODAY` sets its day."""
    time = datetime.now(UTC)
    day: date = today()
    return f"{day if 'CALLSHEET_TODAY' in os.environ else time.date()}T{time:%H:%M:%S}Z"


def on_one_line(text: str) -> str:
    """Text without line ends and control characters, not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST]
