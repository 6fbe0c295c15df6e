"""One thing that was looked at, and the report of all of them."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from callsheet.nodes.redact import redacted, secrets_in_environment
from callsheet.spec.document import Document
from callsheet.spec.project import home_folder

Level = Literal["ok", "note", "warning", "error"]
HOME: Final = "~"
SHORTEST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """level: *ok*; *note*, nothing is wrong, and good to know; *warning*, it works, and something may go
    wrong; *error*, something does not work, or money is in doubt. next_step: what to do, "" where nothing is.
    """

    level: Level
    subject: str
    message: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Doctor(Document):
    """What `callsheet doctor` found. callsheet: its version. date: the day. ok: whether there is no error.

    Nothing in it is a secret: no key, no user, no password, and the home folder is `~`.
    """

    callsheet: str
    date: str
    ok: bool
    findings: tuple[Finding, ...]


def without_secrets(findings: Iterable[Finding], keys: Iterable[str]) -> tuple[Finding, ...]:
    """The findings as they may be shown to strangers. keys: the environment variables of all keys."""
    hidden = secrets_in_environment(keys)
    return tuple(
        replace(one, message=_shown(one.message, hidden), next_step=_shown(one.next_step, hidden))
        for one in findings
    )


def _shown(text: str, secrets: list[str]) -> str:
    text = redacted(text, secrets)
    home = str(home_folder() or "")
    if len(home) > 1:
        text = text.replace(home, HOME)
    return text.replace(f"/{_user()}/", "/USER/") if len(_user()) > SHORTEST_NAME else text


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
