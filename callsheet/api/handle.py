"""A run in a thread of its own: its events, its end, and how it is stopped; and a run that is awaited."""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextvars import copy_context
from functools import partial, wraps
from inspect import signature
from types import TracebackType
from typing import Any, Final, ParamSpec

from callsheet.runtime.cancellation import Stop
from callsheet.runtime.event_readers import Guarded
from callsheet.runtime.events import Event, NodeProgress, NodeWaiting
from callsheet.runtime.execute.result import Result

Options = ParamSpec("Options")
MOST: Final = 20_000
"""Events of a run that are kept in any case."""
LIVELY: Final = 1_000
"""Newest events among which progress is kept, too."""


class Run:
    """A run that `start` began, in a thread of its own.

    Its methods may be called from any thread. As a context manager, it is stopped where the block raises, and
    the block ends when the run has ended.
    """

    def __init__(self, function: Callable[[Callable[[Event], None], Stop], Result], stop: Stop) -> None:
        self._stop = stop
        self._function = function
        self._events: list[Event] = []
        self._most = MOST
        self._watchers: tuple[Callable[[], object], ...] = ()
        self._changed = threading.Condition()
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._over = False
        self._thread = threading.Thread(target=copy_context().run, args=(self._work,), name="callsheet run")
        self._thread.start()

    @property
    def name(self) -> str:
        """The name of the run, as for `callsheet.show`; "" until it has begun."""
        return self._events[0].run if self._events else ""

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self._over

    def cancel(self) -> None:
        """Stop the run as Ctrl-C does: no job starts any more. What was sent is fetched by the next run."""
        self._stop.request()

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end of the run.

        timeout: seconds. Raises TimeoutError when they are over, and what the run raised. Ctrl-C stops the
        run, and then waits for its end.
        """
        try:
            self._wait(timeout)
        except KeyboardInterrupt:
            self.cancel()
            self._wait(timeout)
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def events(self, start: int = 1, timeout: float | None = None) -> Iterator[Event]:
        """The events of the run, as they happen, up to the last one.

        start: the number of the first event to give, for a stream that was cut off (of long ago, progress is
        forgotten). timeout: seconds to wait for the next one. Raises TimeoutError when they are over. Several
        threads can read the events.
        """
        last = start - 1
        while found := self._news(last, timeout):
            yield from found
            last = found[-1].number

    async def aevents(self, start: int = 1) -> AsyncIterator[Event]:
        """The events of the run for `async for`; see `events`. The event loop goes on meanwhile."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        wake = partial(loop.call_soon_threadsafe, woken.set)
        with self._changed:
            self._watchers = (*self._watchers, wake)
        last = start - 1
        try:
            while True:
                woken.clear()
                with self._changed:
                    over, found = self._over, self._since(last)
                for event in found:
                    yield event
                    last = event.number
                if over:
                    return
                if not found:
                    await woken.wait()
        finally:
            with self._changed:
                self._watchers = tuple(one for one in self._watchers if one is not wake)

    def __await__(self) -> Generator[Any, None, Result]:
        """`await run` gives the result. To cancel the task is to stop the run."""
        return self._awaited().__await__()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.cancel()
        self._thread.join()

    def _work(self) -> None:
        try:
            self._result = self._function(self._tell, self._stop)
        except BaseException as error:
            self._error = error
        finally:
            self._end()

    def _news(self, number: int, timeout: float | None) -> list[Event]:
        """Wait for events after the one with this number; none where the run is over. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._over or self._since(number), timeout):
                raise TimeoutError(f"no event of {self.name or 'the run'} for {timeout} seconds")
            return self._since(number)

    def _since(self, number: int) -> list[Event]:
        """The events after the one with this number."""
        return self._events[bisect_right(self._events, number, key=lambda event: event.number) :]

    def _tell(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            if len(self._events) > self._most:
                self._forget_progress()
        self._wake()

    def _forget_progress(self) -> None:
        """Keep what happened, so that memory does not grow with the hours of a run."""
        old, new = self._events[:-LIVELY], self._events[-LIVELY:]
        self._events = [one for one in old if not isinstance(one, NodeProgress | NodeWaiting)] + new
        self._most = max(MOST, 2 * len(self._events))

    def _end(self) -> None:
        self._over = True
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
            watchers = self._watchers
        for wake in watchers:
            try:
                wake()
            except RuntimeError:
                continue  # the loop of that reader is closed

    def _wait(self, timeout: float | None) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._over, timeout):
                raise TimeoutError(f"{self.name or 'the run'} goes on after {timeout} seconds")
        self._thread.join()

    async def _awaited(self) -> Result:
        try:
            async for _ in self.aevents():
                pass
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.to_thread(self._thread.join)
            raise
        return self.result()


def started(function: Callable[Options, Result], name: str) -> Callable[Options, Run]:
    """`function` in a thread of its own."""

    @wraps(function, assigned=("__module__", "__annotations__"))
    def start(*args: Options.args, **kwargs: Options.kwargs) -> Run:
        given = signature(function).bind(*args, **kwargs)
        view = Guarded(given.arguments.get("emit") or (lambda _: None))

        def work(tell: Callable[[Event], None], stop: Stop) -> Result:
            def emit(event: Event) -> None:
                tell(event)
                view(event)

            given.arguments.update(emit=emit, stop=stop)
            return function(*given.args, **given.kwargs)

        return Run(work, given.arguments.get("stop") or Stop())

    start.__name__ = start.__qualname__ = name
    start.__annotations__ = {**function.__annotations__, "return": Run}
    start.__doc__ = f"""Begin `{function.__name__}` in a thread of its own, with its parameters.

    Returns at once, also where the file has mistakes: `Run.result` raises them, and the last of `Run.events`
    tells of them.
    """
    return start


def awaited(function: Callable[Options, Result], name: str) -> Callable[Options, Coroutine[Any, Any, Result]]:
    """`function` to be awaited."""

    @wraps(function, assigned=("__module__", "__annotations__"))
    async def arun(*args: Options.args, **kwargs: Options.kwargs) -> Result:
        result: Result = await started(function, name)(*args, **kwargs)
        return result

    arun.__name__ = arun.__qualname__ = name
    arun.__doc__ = f"""`{function.__name__}` for programs with asyncio: `await callsheet.{name}(…)`.

    The run has a thread of its own, in which `emit` and `confirm` are called. Cancelling the task stops the
    run as Ctrl-C does, and then waits for its end, so that everything it paid for is written down.
    """
    return arun
