"""Runs the emulator inside of a program: in a thread with its own event loop, for tests of pipelines."""

from __future__ import annotations

import asyncio
import signal
import ssl
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from callsheet.emulator.faults.fault import fault_from, parse_faults
from callsheet.emulator.job import Generation
from callsheet.emulator.journal import Entry
from callsheet.emulator.service import Service
from callsheet.emulator.settings import Settings, settings_from
from callsheet.emulator.state import State
from callsheet.errors import InputError
from callsheet.spec.node import Specs


class Emulator:
    """An emulated provider on a free port of loopback, for the length of a `with` block.

        with Emulator(tiny=True, latency=0.1) as provider:
            provider.fault("lost_reply", nth=3)
            ...  # CALLSHEET_FAL_URL=provider.url
            assert len(provider.posts) == 3

    Every field of `Settings` is an argument. `specs` stands in for the catalogue, `tls` serves https.
    Raises InputError for settings that make no sense, OSError when the port is taken.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        specs: Specs | None = None,
        tls: ssl.SSLContext | None = None,
        **settings: Any,
    ) -> None:
        self.settings = settings_from(settings)
        self._address, self._specs, self._tls = (host, port), specs, tls
        self._folder = tempfile.TemporaryDirectory(prefix="callsheet-emulator-")
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="callsheet-emulator", daemon=True)

    def __enter__(self) -> Emulator:
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://{self._address[0]}:{self.port}"

    @property
    def port(self) -> int:
        return self.service.port

    @property
    def posts(self) -> list[Entry]:
        """Every paid POST, accepted or not, in order of arrival."""
        return list(self.state.journal.posts)

    @property
    def requests(self) -> list[Entry]:
        """Every HTTP request, in order of arrival."""
        return list(self.state.journal.requests)

    @property
    def accepted(self) -> list[Generation]:
        """Every request that was accepted and will be billed."""
        return list(self.state.generations.values())

    def fault(self, kind: str, **options: Any) -> None:
        """Add a fault: `fault("lost_reply", nth=3)`, or as text: `fault("result:gone,times=1")`. Options
        beside a text belong to the last fault in it."""
        plain = ":" not in kind and "," not in kind
        text = ",".join([kind, *(f"{name}={value}" for name, value in options.items())])
        faults = (fault_from({"kind": kind, **options}),) if plain else parse_faults(text)
        self._call(lambda: self.state.faults.arm(*faults))

    def reset(self) -> None:
        """Forget requests, files and faults that were added since the start."""
        self._call(self.state.reset)

    def _call(self, action: Callable[[], None]) -> None:
        """Do something in the emulator's own thread, and wait for it."""

        async def act() -> None:
            action()

        asyncio.run_coroutine_threadsafe(act(), self._loop).result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self.state = State(self.settings, Path(self._folder.name), self._specs)
        self.service = Service(self.state)
        host, port = self._address
        await self.service.start(host, port, self._tls)
        self._ready.set()
        await self._stopping.wait()
        await self.service.stop()


Say = Callable[[str], None]


def serve(settings: Settings, port: int, tls: ssl.SSLContext | None, say: Say) -> int:
    """Serve on loopback until SIGINT or SIGTERM; the exit code. Raises InputError when the port is taken."""
    _allow_many_connections()
    with tempfile.TemporaryDirectory(prefix="callsheet-emulator-") as folder:
        return asyncio.run(_serve(State(settings, Path(folder)), port, tls, say))


async def _serve(state: State, port: int, tls: ssl.SSLContext | None, say: Say) -> int:
    service, stopping = Service(state), asyncio.Event()
    try:
        await service.start(port=port, tls=tls)
    except OSError as error:
        raise InputError(f"port {port} cannot be used: {error.strerror}", "pass another --port") from error
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):  # a loop on Windows has no `add_signal_handler`
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
    url = f"{'https' if tls else 'http'}://127.0.0.1:{service.port}"
    say(f"callsheet emulator on {url}")
    say(f"  CALLSHEET_FAL_URL={url} FAL_KEY=any callsheet run film.yaml --yes")
    await stopping.wait()
    await service.stop()
    say(f"{len(state.journal.posts)} paid POSTs, {len(state.generations)} accepted")
    return 0


def _allow_many_connections() -> None:
    """Thousands of status streams are thousands of sockets; the usual limit is 1,024."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
