"""A report of a bug of ours that a person can paste into an issue: no values, no secrets, no folders."""

from __future__ import annotations

import os
import platform
import re
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from callsheet import _version
from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.nodes.http.redact import SECRET_NAMES

SHORTEST: Final = 6
"""Characters; hiding shorter values would only blot out words."""


class Bug(NodeError):
    """Something in callsheet broke while it made one instance; `report` tells where."""

    def __init__(self, error: BaseException, instance: Instance, secrets: Iterable[str] = ()) -> None:
        super().__init__(
            f"callsheet has a bug here ({type(error).__name__}); the other nodes go on",
            "bug",
            "please report it, with the report below",
        )
        self.report = report(error, instance, secrets)


def report(error: BaseException, instance: Instance, secrets: Iterable[str] = ()) -> str:
    """Versions, the node, and the way to the error as module and line.

    secrets: names of environment variables to hide beyond those that look like secrets by their name.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        f"callsheet {_version.__version__}, Python {platform.python_version()}, {platform.system()}",
        f"node {instance.node}, uses {instance.spec.uses}",
        *(f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames),
        f"{type(error).__name__}: {_words(error)}",
    ]
    return hidden("\n".join(lines), secrets)


def hidden(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the values of secret environment variables and without the home folder."""
    names = {*secrets, *(name for name in os.environ if SECRET_NAMES.search(name))}
    values = {os.environ.get(name, "") for name in names}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORTEST:
            text = text.replace(value, "•••")
    home = re.escape(str(Path.home()))
    return re.sub(rf"{home}(?![\w.-])", "~", text) if len(home) > 1 else text


def _words(error: BaseException) -> str:
    """What `error` says; nothing, if even that fails."""
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
