"""Whole files over the internet, to and from people we do not know: no credentials, no cookies.

Every address is checked before it is connected to, every redirect is a new URL to be checked, and a
file appears under its name only when all of it is there.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urljoin

from callsheet.errors import StoreError
from callsheet.nodes.http.body import MEGABYTE, is_html, retry_after
from callsheet.nodes.http.client import Call, Client, Incoming, Lost, Reply, Unsent
from callsheet.nodes.http.dns import Resolve, public_addresses, system_resolver
from callsheet.nodes.queue.protocol import QueueError
from callsheet.spec.web_origin import Origin, UrlError, public_origin

CAPS: Final[Mapping[str, int]] = {"image": 64 * MEGABYTE, "audio": 256 * MEGABYTE, "video": 2048 * MEGABYTE}
REDIRECTS: Final = (301, 302, 303, 307, 308)
MOST_REDIRECTS: Final = 5
GONE: Final = (401, 403, 404, 410)
PASSING: Final = (408, 425, 429, 500, 502, 503, 504)
SPARE: Final = 64 * MEGABYTE
PIECE: Final = 256 * 1024
REPORT: Final = "report it to the provider"


@dataclass(frozen=True, slots=True)
class Patience:
    """seconds: for a whole file. silent: without any byte. Each `window` seconds must bring `rate` bytes
    per second on average."""

    seconds: float = 3600.0
    silent: float = 30.0
    window: float = 30.0
    rate: int = 8 * 1024


class Files:
    """trusted: origins of the user's own (a test server on this machine) that need not be public."""

    def __init__(
        self,
        trusted: Collection[Origin] = (),
        resolve: Resolve = system_resolver,
        patience: Patience = Patience(),
        connections: int = 8,
    ) -> None:
        self.trusted = frozenset(trusted)
        self._resolve = resolve
        self._patience = patience
        self._client = Client(connections, keep_alive=0)

    async def fetch(self, url: str, to: Path, caps: Mapping[str, int] = CAPS) -> None:
        """The file at `url` as `to`, which appears only when it is complete.

        Raises QueueError: *gone* when the server no longer has it, *passing* when it may work later;
        StoreError when the disk cannot take it.
        """
        part = to.with_name(to.name + ".part")
        try:
            async with self._open(Call("GET", url, seconds=self._patience.seconds)) as incoming:
                length, cap = _length(incoming), _cap(incoming, caps)
                _check_room(length or 0, cap, to.parent)
                with part.open("wb") as file:
                    await self._receive(incoming, file, length, cap)
            part.replace(to)
        except Lost as flaw:
            raise QueueError(f"the file {flaw}", "unavailable", passing=True) from flaw
        except OSError as error:
            raise StoreError(f"{to.parent} cannot take the file: {error.strerror}", "make room") from error
        finally:
            part.unlink(missing_ok=True)

    async def is_there(self, url: str) -> bool:
        """Whether a server still has the file at `url`; no to whatever goes wrong."""
        try:
            async with self._open(Call("HEAD", url, seconds=10.0)):
                return True
        except (QueueError, Lost):
            return False

    async def put(self, url: str, content: AsyncIterator[bytes], headers: Mapping[str, str]) -> Reply:
        """Send a file to a signed URL. Raises QueueError when no answer came."""
        call = Call("PUT", url, headers, content, seconds=self._patience.seconds)
        try:
            return await self._client.send(await self._aimed(call))
        except (Unsent, Lost) as error:
            raise QueueError(
                f"the upload did not go through: {error}", "unavailable", passing=True
            ) from error

    async def close(self) -> None:
        await self._client.close()

    @asynccontextmanager
    async def _open(self, call: Call) -> AsyncIterator[Incoming]:
        """The reply with the file, after at most five redirects."""
        for _ in range(MOST_REDIRECTS + 1):
            try:
                async with self._client.stream(await self._aimed(call)) as incoming:
                    if incoming.status not in REDIRECTS:
                        _check_status(incoming)
                        yield incoming
                        return
                    call = replace(call, url=_next(call.url, incoming))
            except Unsent as error:
                raise QueueError(f"the file's server: {error}", "unavailable", passing=True) from error
        raise QueueError(f"the file is behind more than {MOST_REDIRECTS} redirects", "failed", REPORT)

    async def _aimed(self, call: Call) -> Call:
        """The call, to an address that was checked. Raises QueueError."""
        try:
            origin = public_origin(call.url, self.trusted)
            if origin in self.trusted:
                return call
            addresses = await public_addresses(origin, self._resolve)
        except UrlError as flaw:
            raise QueueError(f"the file's URL is not used: {flaw}", "failed", REPORT) from None
        except OSError as error:
            raise QueueError("the file's server has no known address", "unavailable", passing=True) from error
        return replace(call, connect_to=str(addresses[0]))

    async def _receive(self, incoming: Incoming, file: BinaryIO, length: int | None, cap: int) -> None:
        received, pace = 0, _Pace(self._patience)
        while chunk := await incoming.chunk(self._patience.silent):
            if received == 0 and is_html(chunk):
                raise QueueError("a web page came instead of the file", "failed", gone=True)
            received += len(chunk)
            if received > cap:
                raise _too_large(cap)
            pace.check(received)
            await _write(file, chunk)
        if length is not None and received != length:
            raise Lost(f"ends after {received} of {length} bytes")
        if received == 0:
            raise Lost("is empty")


def _next(url: str, incoming: Incoming) -> str:
    try:
        return urljoin(url, incoming.headers.get("location", ""))
    except ValueError:
        return ""


class _Pace:
    """A server that trickles bytes is not waited for."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._clock = asyncio.get_running_loop().time
        self._since, self._received = self._clock(), 0

    def check(self, received: int) -> None:
        """Raises Lost when the last window brought too little."""
        seconds = self._clock() - self._since
        if seconds < self._patience.window:
            return
        if received - self._received < seconds * self._patience.rate:
            raise Lost(f"comes with less than {self._patience.rate} bytes a second")
        self._since, self._received = self._clock(), received


async def _write(file: BinaryIO, chunk: bytes) -> None:
    if len(chunk) < PIECE:
        file.write(chunk)
    else:
        await asyncio.to_thread(file.write, chunk)


def _check_status(incoming: Incoming) -> None:
    """Raises QueueError for everything but a whole file."""
    status = incoming.status
    if status in GONE:
        raise QueueError(f"the file is not there any more ({status})", "failed", "run it again", gone=True)
    if status in PASSING:
        wait = retry_after(incoming.headers.get("retry-after"))
        raise QueueError(
            f"the file's server answered {status}", "unavailable", passing=True, retry_after=wait
        )
    if status != 200:
        raise QueueError(f"the file's server answered {status} where 200 was expected", "failed", REPORT)
    if incoming.headers.get("content-encoding", "identity").lower() != "identity":
        raise QueueError("the file came packed, which was not asked for", "failed", REPORT)


def _length(incoming: Incoming) -> int | None:
    """The promised length in bytes; None for a chunked body, which marks its own end. Raises QueueError."""
    text = incoming.headers.get("content-length", "")
    if text.isascii() and text.isdigit():
        return int(text)
    if "chunked" in incoming.headers.get("transfer-encoding", "").lower():
        return None
    raise QueueError("the file's server does not say how long the file is", "failed", passing=True)


def _cap(incoming: Incoming, caps: Mapping[str, int]) -> int:
    content_type = incoming.headers.get("content-type", "").lower()
    if content_type.startswith("text/html"):
        raise QueueError("a web page came instead of the file", "failed", gone=True)
    return caps.get(content_type.partition("/")[0], max(caps.values()))


def _check_room(length: int, cap: int, folder: Path) -> None:
    if length > cap:
        raise _too_large(cap)
    if shutil.disk_usage(folder).free < length + SPARE:
        raise StoreError(f"{folder} has no room for a file of {length // MEGABYTE} MB", "make room")


def _too_large(cap: int) -> QueueError:
    return QueueError(f"the file is larger than {cap // MEGABYTE or 1} MB", "failed", REPORT)
