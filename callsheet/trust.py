"""Whether code files that a pipeline names may run: a person says so, for a whole command."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

TRUST: Final[ContextVar[bool]] = ContextVar("trust", default=False)
