"""Places where a test may end the process, as if the power went.

    CALLSHEET_FAILPOINT=call.after_reply      SIGKILL the first time it is reached
    CALLSHEET_FAILPOINT=call.after_reply:3    … the third time

Unless armed, reaching a failpoint does nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

VARIABLE: Final = "CALLSHEET_FAILPOINT"
NAMES: Final = (
    "ledger.before_commit",
    "ledger.after_commit",
    "call.before_intent",
    "call.after_intent",
    "call.before_sending",
    "call.after_sending",
    "call.after_reply",
    "call.after_accepted",
    "call.after_refused",
    "call.before_result",
    "call.after_result",
    "call.after_download",
    "call.after_keep",
    "call.after_commit",
    "resume.before_unknown",
    "resume.after_unknown",
    "reconcile.before_decision",
    "reconcile.after_decision",
    "adopt.after_files",
    "adopt.before_commit",
    "adopt.after_ledger",
    "gc.before_commit",
    "gc.after_commit",
    "gc.after_vacuum",
    "sync.after_document",
    "sync.after_batch",
    "sync.before_list",
    "sync.after_list",
)

Action = Callable[[str], None]


def reach(name: str) -> None:
    """Called at a durable boundary; ends the process when `name` is armed."""
    if _action is not None:
        _action(name)


@contextmanager
def armed(action: Action) -> Iterator[None]:
    """While inside, call `action` with the name of each failpoint that is reached."""
    global _action
    before, _action = _action, action
    try:
        yield
    finally:
        _action = before


def parse(text: str) -> Action:
    """What `name` or `name:nth` asks for. Raises ValueError for a name that does not exist."""
    name, _, nth = text.partition(":")
    if name not in NAMES or not (nth or "1").isdecimal():
        raise ValueError(
            f"{VARIABLE}={text}: expected name or name:nth, with a name out of {', '.join(NAMES)}"
        )
    left = int(nth or "1")

    def kill(reached: str) -> None:
        nonlocal left
        left -= reached == name
        if reached == name and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


_action: Action | None = parse(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None
