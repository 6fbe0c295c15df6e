"""Imports httpx without its command line, which would bring rich and pygments along."""

from __future__ import annotations

import sys
from typing import Final

COMMAND_LINE: Final = "httpx._main"
"""httpx goes on without it when it cannot be imported."""

if COMMAND_LINE in sys.modules:
    import httpx
else:
    sys.modules[COMMAND_LINE] = None  # type: ignore[assignment]  # None: it cannot be imported
    try:
        import httpx
    finally:
        del sys.modules[COMMAND_LINE]

__all__ = ["httpx"]
