"""The emulator as a process: it serves until it is interrupted."""

from __future__ import annotations

import asyncio
import signal
import ssl
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from callsheet.emulator.service import Service
from callsheet.emulator.settings import Settings
from callsheet.emulator.state import Studio
from callsheet.errors import InputError

Say = Callable[[str], None]


def serve(settings: Settings, port: int, tls: ssl.SSLContext | None, say: Say) -> int:
    """Serve on loopback until SIGINT or SIGTERM; the exit code. Raises InputError when the port is taken."""
    _allow_many_connections()
    with tempfile.TemporaryDirectory(prefix="callsheet-emulator-") as folder:
        return asyncio.run(_serve(Studio(settings, Path(folder)), port, tls, say))


async def _serve(studio: Studio, port: int, tls: ssl.SSLContext | None, say: Say) -> int:
    service, stopping = Service(studio), asyncio.Event()
    try:
        await service.start(port=port, tls=tls)
    except OSError as error:
        raise InputError(f"port {port} cannot be used: {error.strerror}", "pass another --port") from error
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{service.port}"
    say(f"callsheet emulator on {url}")
    say(f"  CALLSHEET_FAL_URL={url} FAL_KEY=any callsheet run film.yaml")
    await stopping.wait()
    await service.stop()
    say(f"{len(studio.journal.posts)} paid POSTs, {len(studio.generations)} accepted")
    return 0


def _allow_many_connections() -> None:
    """Thousands of status streams are thousands of sockets; the usual limit is 1,024."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
