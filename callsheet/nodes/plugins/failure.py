"""Describes an exception of a plug-in in few lines, with the plug-in's own frames only."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.redact import hide_secrets, secrets_in_environment

FRAMES: Final = 5
LONGEST: Final = 300


class PlugInFailed(NodeError):
    """A function of a plug-in raised `error`; `report` has the frames in the plug-in's files."""

    def __init__(self, uses: str, error: BaseException, root: Path) -> None:
        super().__init__(f"{uses} raised {words(error)}", "local", "the lines below are the plug-in's own")
        self.report = "\n".join(trace(error, root))


def words(error: BaseException) -> str:
    """`ValueError: no such font`, without secrets of the environment."""
    try:
        said = str(error)
    except Exception:
        said = "(it has no words)"
    return _clean(f"{type(error).__name__}: {said}" if said else type(error).__name__)


def trace(error: BaseException, root: Path) -> list[str]:
    """The frames of `error` in files under `root`, outermost first."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(root)]
    lines: list[str] = []
    for frame in frames[-FRAMES:]:
        place = Path(frame.filename).relative_to(root.parent)
        lines.append(f"{place}:{frame.lineno} in {frame.name}")
        if frame.line:
            lines.append(f"    {_clean(frame.line)}")
    return lines


def _clean(text: str) -> str:
    text = hide_secrets(text, secrets_in_environment())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
