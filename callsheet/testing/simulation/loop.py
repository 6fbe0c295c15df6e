"""An event loop with virtual time: instead of waiting, it sets its clock forward."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any, Final

RESOLUTION: Final = 1e-6
"""Seconds. After years of virtual time a float tells no smaller differences, and time would stand still."""


class Stalled(RuntimeError):
    """Every task waits for something that will never happen."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs what is due at once and never sleeps. Has no threads and no sockets."""

    def __init__(self) -> None:
        self._clock = 0.0
        super().__init__(_Jumping(self))
        self._clock_resolution = RESOLUTION

    def time(self) -> float:
        return self._clock

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._clock += seconds


class _Jumping(selectors.BaseSelector):
    """A selector without events; waiting on it sets the clock of the loop forward."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, 0, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stalled("nothing is left to happen, and still something waits")
        if timeout > 0:
            self._loop.jump(timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys
