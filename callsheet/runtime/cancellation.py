"""Stops a run: gently at the first Ctrl-C, at once at the second."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

SIGNALS: Final = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
]
"""Those that ask a process to end. Windows sends SIGBREAK at Ctrl-Break, and when its window is closed."""
ECHO: Final = 0.1
"""Seconds in which a second signal counts as the same one."""


class Stop:
    """A request to stop a run, as Ctrl-C is. It may be made from any thread, and before the run begins."""

    def __init__(self) -> None:
        self.requested = False
        """Whether the run was asked to stop."""
        self._callbacks: dict[Callable[[], object], None] = {}

    def request(self) -> None:
        """Ask the run to stop: no job starts any more, and running ones are asked to end."""
        self.requested = True
        for callback in list(self._callbacks):
            with contextlib.suppress(
                RuntimeError
            ):  # of an event loop that closed in this moment: the run is over
                callback()

    def when_requested(self, callback: Callable[[], object]) -> None:
        """Call `callback` at each request; at once, if there has been one."""
        self._callbacks[callback] = None
        if self.requested:
            callback()

    def no_more(self, callback: Callable[[], object]) -> None:
        """Do not call `callback` any more."""
        self._callbacks.pop(callback, None)

    def forget(self) -> None:
        """Remove all callbacks."""
        self._callbacks.clear()


@contextlib.contextmanager
def on_signals(stop: Stop, give_up: Callable[[], None]) -> Iterator[None]:
    """While inside, `SIGNALS` request `stop`, and any after the first call `give_up`.

    Signals within `ECHO` of the first are the same one: `timeout` and some shells send it twice, to the
    process and to its group.

    Only the main thread may set signal handlers; in another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    first = 0.0

    def handle(_: int, __: FrameType | None) -> None:
        nonlocal first
        if not stop.requested:
            first = time.monotonic()
            stop.request()
        elif time.monotonic() - first > ECHO:
            give_up()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
