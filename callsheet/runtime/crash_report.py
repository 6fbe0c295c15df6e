"""The report of a bug in callsheet, to be pasted into an issue. It has no values, secrets or folder names."""

from __future__ import annotations

import platform
import re
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet import _version
from callsheet.errors import NodeError
from callsheet.nodes.redact import redacted, secrets_in_environment
from callsheet.spec.project import home_folder

if TYPE_CHECKING:
    from callsheet.dsl.graph import Instance

MOST_FRAMES: Final = 40
"""Frames of one error; a recursion has a thousand."""
ASSIGNED: Final = re.compile(r"(?i)(key|token|secret|password)([\"']?\s*[=:]\s*[\"']?)[^\s\"',)]+")
"""`FAL_KEY=…` and the like, also where the value is not in the environment."""


class Bug(NodeError):
    """An unexpected exception while an instance was made. report: text for an issue."""

    def __init__(self, error: BaseException, instance: Instance, secrets: Iterable[str] = ()) -> None:
        super().__init__(
            f"callsheet has a bug here ({type(error).__name__}); the other nodes go on",
            "bug",
            "please report it, with the report below",
        )
        self.report = report(error, f"node {instance.node}, uses {instance.spec.uses}", secrets=secrets)


def report(error: BaseException, *about: str, secrets: Iterable[str] = ()) -> str:
    """Versions, the subject, and the traceback as modules and lines.

    secrets: names of environment variables to hide, besides those whose names look like secrets.
    """
    system = f"{platform.system()} {platform.machine()}"
    versions = f"callsheet {_version.__version__}, Python {platform.python_version()}, {system}"
    return cleaned("\n".join([versions, *about, *_told(error, set())]), secrets)


def cleaned(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the values of secrets and without the name of the home folder. secrets: as in
    `report`."""
    values = secrets_in_environment(secrets)
    text = ASSIGNED.sub(r"\1\2…", redacted(text, values))
    home = re.escape(str(home_folder() or ""))
    return re.sub(rf"{home}(?![\w.-])", "~", text) if len(home) > 1 else text


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    """The causes of `error`, its traceback and message, then the errors that it groups."""
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _told(before, seen)
        yield "which led to:"
    frames = traceback.extract_tb(error.__traceback__)
    if len(frames) > MOST_FRAMES:
        yield f"  … {len(frames) - MOST_FRAMES} more"
    for frame in frames[-MOST_FRAMES:]:
        yield f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}"
    yield f"{type(error).__name__}: {_words(error)}"
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _told(inner, seen)


def _words(error: BaseException) -> str:
    """The message of `error`; a placeholder if even `str(error)` raises."""
    try:
        return str(error)
    except Exception:
        return "(it has no words)"


def _place(filename: str) -> str:
    parts = Path(filename).parts
    if "callsheet" in parts:
        start = len(parts) - 1 - parts[::-1].index("callsheet")
        return "/".join(parts[start:])
    return "/".join(parts[-2:])
