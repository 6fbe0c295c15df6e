"""Whole files over the internet, to and from people we do not know: no credentials, no cookies.

Every address is checked before it is connected to, every redirect is a new URL to be checked, and a
file appears under its name only when all of it is there. No answer of the file's host is final: the file
was paid for, and may be there tomorrow.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urljoin

from callsheet.errors import StoreError
from callsheet.nodes.http.body import MEGABYTE, BodyError, is_html, retry_after
from callsheet.nodes.http.client import Client, Incoming
from callsheet.nodes.http.dns import Resolve, public_addresses, system_resolver
from callsheet.nodes.http.lenient import PACKED, Unpacker
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.queue.largest_files import CAPS
from callsheet.nodes.queue.protocol import QueueError
from callsheet.spec.disk_errors import FREE_SPACE, explained
from callsheet.spec.web_origin import Origin, UrlError, public_origin

REDIRECTS: Final = (301, 302, 303, 307, 308)
MOST_REDIRECTS: Final = 5
GONE: Final = (401, 403, 404, 410)
NOT_YET: Final = (202, 204, 205)
PART: Final = 206
KEEP_ALIVE: Final = 5.0
"""Seconds that a connection to a file's host stays open for the next file."""
WHOLE: Final = re.compile(r"bytes 0-(\d+)/(\d+)\Z")
SPARE: Final = 64 * MEGABYTE
PIECE: Final = 256 * 1024


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
        self._client = Client(connections, KEEP_ALIVE)
        self._seen_once: dict[str, str] = {}

    async def fetch(self, url: str, to: Path, caps: Mapping[str, int] = CAPS) -> None:
        """The file at `url` as `to`, which appears only when it is complete.

        Raises QueueError: *gone* when the server says that it has no such file, *passing* when asking again
        may help, neither when what came is no such file; StoreError when the disk cannot take it.
        """
        part = to.with_name(to.name + ".part")
        try:
            async with self._open(Call("GET", url, seconds=self._patience.seconds)) as incoming:
                length, cap = _length(incoming), _cap(incoming, caps)
                _check_room(length or 0, cap, to.parent)
                with part.open("wb") as file:
                    digest = await self._receive(incoming, file, length, cap)
            if length is None and not _marks_its_end(incoming):
                self._check_seen_twice(url, digest)
            part.replace(to)
        except Lost as flaw:
            raise QueueError(f"the file {flaw}", "unavailable", passing=True) from flaw
        except BodyError as flaw:
            raise QueueError(f"the file {flaw}", "unavailable") from flaw
        except OSError as error:
            raise explained(error, to) from error
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
                raise QueueError(f"the file's host: {error}", "unavailable", passing=True) from error
        raise QueueError(f"the file is behind more than {MOST_REDIRECTS} redirects", "unavailable")

    async def _aimed(self, call: Call) -> Call:
        """The call, to an address that was checked. Raises QueueError."""
        try:
            origin = public_origin(call.url, self.trusted)
            if origin in self.trusted:
                return call
            addresses = await public_addresses(origin, self._resolve)
        except UrlError as flaw:
            raise QueueError(f"the file's URL is not used: {flaw}", "unavailable") from None
        except OSError as error:
            raise QueueError("the file's host has no known address", "unavailable", passing=True) from error
        return replace(call, connect_to=str(addresses[0]))

    async def _receive(self, incoming: Incoming, file: BinaryIO, length: int | None, cap: int) -> str:
        """Write what comes to `file`, unpacked; its sha256."""
        received, pace, sha = 0, _Pace(self._patience), hashlib.sha256()
        unpacker = Unpacker(_encoding(incoming), cap)
        while chunk := await incoming.chunk(self._patience.silent):
            received += len(chunk)
            if received > cap:
                raise _too_large(cap)
            pace.check(received)
            plain = unpacker.feed(chunk)
            if received == len(chunk) and is_html(plain):
                raise QueueError("a web page came instead of the file", "unavailable")
            sha.update(plain)
            await _write(file, plain)
        if length is not None and received != length:
            raise Lost(f"ends after {received} of {length} bytes")
        unpacker.close()
        if not unpacker.received:
            raise BodyError("is empty (0 bytes)")
        return sha.hexdigest()

    def _check_seen_twice(self, url: str, digest: str) -> None:
        """Raises QueueError for a file whose end nothing marks, until the same bytes have come twice."""
        if self._seen_once.get(url) != digest:
            self._seen_once[url] = digest
            message = "the file's host does not say how long the file is, so it is fetched twice"
            raise QueueError(message, "unavailable", passing=True)


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
    error = trouble(incoming.status, incoming.headers)
    if error is not None:
        raise error


def trouble(status: int, headers: Mapping[str, str]) -> QueueError | None:
    """Why a reply of a file's host does not bring the whole file; None when it does, by its head."""
    if status == PART:
        span = WHOLE.match(headers.get("content-range", "").strip().lower())
        if span is None or int(span[1]) + 1 != int(span[2]):
            return QueueError("a part of the file came (206)", "unavailable", passing=True)
    elif not 200 <= status < 300 or status in NOT_YET:
        wait, gone = retry_after(headers.get("retry-after")), status in GONE
        message = f"{status} from the file's host"
        return QueueError(message, "unavailable", passing=not gone, gone=gone, retry_after=wait)
    return None


def _encoding(incoming: Incoming) -> str:
    """How the file is packed, "" for not at all. Raises BodyError for what cannot be unpacked here."""
    named = incoming.headers.get("content-encoding", "").lower()
    packed = [part.strip() for part in named.split(",") if part.strip() not in ("", "identity")]
    if len(packed) > 1 or PACKED.intersection(packed):
        raise BodyError(f"is packed with {named[:40]}, which was not asked for")
    return "".join(packed)


def _length(incoming: Incoming) -> int | None:
    """The length in bytes that the header states; None where it states none."""
    text = incoming.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _marks_its_end(incoming: Incoming) -> bool:
    """Whether a body without a length ends with a mark, so that a broken connection can be told from it."""
    return "chunked" in incoming.headers.get("transfer-encoding", "").lower()


def _cap(incoming: Incoming, caps: Mapping[str, int]) -> int:
    kind = incoming.headers.get("content-type", "").lower().partition("/")[0]
    return caps.get(kind, max(caps.values()))


def _check_room(length: int, cap: int, folder: Path) -> None:
    if length > cap:
        raise _too_large(cap)
    if shutil.disk_usage(folder).free < length + SPARE:
        needed = f"a file of {length // MEGABYTE or 1} MB, and {SPARE // MEGABYTE} MB stay free"
        raise StoreError(f"the disk is nearly full: {folder} needs room for {needed}", FREE_SPACE)


def _too_large(cap: int) -> QueueError:
    return QueueError(f"the file is larger than {cap // MEGABYTE or 1} MB", "unavailable")
