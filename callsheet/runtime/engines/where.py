"""What this process is called where it says who made something."""

from __future__ import annotations

import os
import platform


def host() -> str:
    """The name of this machine."""
    return platform.node() or "a machine without a name"


def here() -> str:
    """`render-2:4711`: this machine and process."""
    return f"{host()}:{os.getpid()}"
