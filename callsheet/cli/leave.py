"""Ends the process at once. Python would first take apart everything that was imported, which is a fifth of
the time of a short command. Nothing waits for it: what has to last is on the disk before a command ends."""

from __future__ import annotations

import atexit
import os
import sys
import threading


def leave(code: int) -> None:
    """End with this exit code; return where somebody still has something to do: another thread, a debugger or
    a profiler, a person at `python -i`."""
    watched = sys.gettrace() or sys.getprofile() or sys.flags.interactive or sys.flags.inspect
    if watched or threading.active_count() > 1:
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    atexit._run_exitfuncs()
    os._exit(code)
