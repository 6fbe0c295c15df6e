"""Uploads local files to fal's storage, in one of two ways.

    CDN          POST /storage/auth/token for a token, then send the bytes to the CDN with that token;
                 from 90 MB on in parts of 10 MB
    signed URL   POST /storage/upload/initiate for a signed URL, then PUT

The signed URL is used when the CDN cannot be. Only the REST server gets the user's key: the CDN gets its
token, a signed URL nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.fal.hosts import Hosts
from callsheet.nodes.http.body import MEGABYTE, BodyError, retry_after
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.credential import SENDABLE
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.media.content_type import content_type, extension
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.failure import failure_in
from callsheet.nodes.queue.protocol import QueueError
from callsheet.spec.web_origin import UrlError, origin_of, public_origin

FROM_PARTS: Final = 90 * MEGABYTE
PART: Final = 10 * MEGABYTE
PIECE: Final = 256 * 1024
ASK_SECONDS: Final = 30.0
SECONDS: Final = 600.0
TOKEN_LIFE: Final = 300.0
STORAGE: Final = "storage_type=fal-cdn-v3"

Api = Callable[[Call], Awaitable[Reply]]
"""Sends a request with the user's key, to a server that may get it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token for a CDN. base: the CDN's URL. until: when it is renewed, in loop time."""

    authorization: str
    base: str
    until: float


class Storage:
    """Uploads files. lifetime: seconds that fal keeps them; None for the account's setting."""

    def __init__(self, hosts: Hosts, api: Api, files: Files, lifetime: int | None = None) -> None:
        self._hosts = hosts
        self._api = api
        self._files = files
        self._cdn = Client(connections=4)
        self._lifetime = _lifetime(lifetime)
        self._token: Token | None = None
        self._asking = asyncio.Lock()

    async def upload(self, path: Path) -> str:
        """Upload a file, and return its public URL. Raises QueueError; NodeError (*local*) for an unreadable
        file, or without a key."""
        kind, size = _facts(path)
        try:
            token = await self._current_token()
            if size >= FROM_PARTS:
                return await self._in_parts(path, kind, token)
            return await self._in_one_request(path, kind, token)
        except QueueError as error:
            if error.kind == "rejected":
                raise
        return await self._by_signed_url(path, kind)

    async def close(self) -> None:
        await self._cdn.close()

    async def _in_one_request(self, path: Path, kind: str, token: Token) -> str:
        headers = {"X-Fal-File-Name": _name(kind), "Content-Type": kind, "Content-Length": str(_size(path))}
        reply = await self._to_cdn(token, "POST", "/files/upload", headers, pieces(path))
        return self._public(_field(reply, "access_url"))

    async def _in_parts(self, path: Path, kind: str, token: Token) -> str:
        headers = {"X-Fal-File-Name": _name(kind), "Content-Type": kind}
        begun = await self._to_cdn(token, "POST", "/files/upload/multipart", headers)
        url, upload = self._public(_field(begun, "access_url")), _field(begun, "uploadId")
        if origin_of(url) not in self._hosts.cdn or not SENDABLE.match(upload) or "/" in upload:
            raise QueueError("the upload was begun at an unknown host", "failed")
        place = f"{url.removeprefix(str(origin_of(url)))}/multipart/{upload}"
        tags = []
        for number, start in enumerate(range(0, _size(path), PART), 1):
            size = min(PART, _size(path) - start)
            headers = {"Content-Type": kind, "Content-Length": str(size)}
            part = await self._to_cdn(token, "PUT", f"{place}/{number}", headers, pieces(path, start, size))
            tags.append({"partNumber": number, "etag": part.headers.get("etag", "")})
        done = json.dumps({"parts": tags}).encode()
        await self._to_cdn(token, "POST", f"{place}/complete", {"Content-Type": "application/json"}, done)
        return url

    async def _by_signed_url(self, path: Path, kind: str) -> str:
        body = json.dumps({"content_type": kind, "file_name": _name(kind)}).encode()
        headers = {"Content-Type": "application/json", **self._lifetime}
        url = f"{self._hosts.rest}/storage/upload/initiate?{STORAGE}"
        begun = checked(await self._api(Call("POST", url, headers, body, ASK_SECONDS)))
        address, access = _field(begun, "upload_url"), self._public(_field(begun, "file_url"))
        size = {"Content-Type": kind, "Content-Length": str(_size(path))}
        checked(await self._files.put(address, pieces(path), size))
        return access

    async def _current_token(self) -> Token:
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if self._token is None or self._token.until < now:
                self._token = replace(await self._ask_token(), until=now + TOKEN_LIFE)
            return self._token

    async def _ask_token(self) -> Token:
        url = f"{self._hosts.rest}/storage/auth/token?{STORAGE}"
        call = Call("POST", url, {"Content-Type": "application/json"}, b"{}", ASK_SECONDS)
        reply = checked(await self._api(call))
        token, scheme = _field(reply, "token"), _field(reply, "token_type")
        base = _field(reply, "base_url").rstrip("/")
        if not (SENDABLE.match(token) and SENDABLE.match(scheme)):
            raise QueueError("the storage token cannot be used", "failed")
        known = [str(origin) for origin in self._hosts.cdn]
        return Token(f"{scheme} {token}", base if base in known else known[0], 0.0)

    async def _to_cdn(
        self,
        token: Token,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | AsyncIterator[bytes] = b"",
    ) -> Reply:
        sent = {"Authorization": token.authorization, **headers, **self._lifetime}
        try:
            return checked(await self._cdn.send(Call(method, token.base + path, sent, content, SECONDS)))
        except (Unsent, Lost) as error:
            raise QueueError(
                f"the upload did not go through: {error}", "unavailable", passing=True
            ) from error

    def _public(self, url: str) -> str:
        try:
            public_origin(url, self._hosts.trusted)
        except UrlError as flaw:
            raise QueueError(f"the URL of the uploaded file is not used: {flaw}", "failed") from None
        return url


async def pieces(path: Path, start: int = 0, size: int | None = None) -> AsyncIterator[bytes]:
    """The file's bytes, or `size` of them from `start`, in pieces of 256 kB."""
    left = _size(path) if size is None else size
    with path.open("rb") as file:
        file.seek(start)
        while left > 0 and (piece := await asyncio.to_thread(file.read, min(PIECE, left))):
            left -= len(piece)
            yield piece


def checked(reply: Reply) -> Reply:
    """Return the reply if its status is a success. Raises QueueError."""
    if 200 <= reply.status < 300:
        return reply
    said = failure_in(reply)
    message = f"the storage answered {reply.status}" + (f": {said.words}" if said.words else "")
    if reply.status in (401, 402, 403):
        raise QueueError(message, "rejected", "check the key and what it may do", passing=True)
    wait = retry_after(reply.headers.get("retry-after"))
    raise QueueError(message, "unavailable", "try again", passing=True, retry_after=wait)


def _field(reply: Reply, name: str) -> str:
    try:
        value = reply.json().get(name)
    except BodyError as flaw:
        raise QueueError(f"the reply of the storage {flaw}", "unavailable", passing=True) from flaw
    if not isinstance(value, str) or not value:
        raise QueueError(f"the reply of the storage has no {name}", "unavailable", passing=True)
    return value


def _facts(path: Path) -> tuple[str, int]:
    try:
        return content_type(path), _size(path)
    except OSError as error:
        raise NodeError(f"{path} cannot be read: {error.strerror}", "local", "check the file") from error


def _size(path: Path) -> int:
    return path.stat().st_size


def _name(kind: str) -> str:
    """A name without any part of the user's file name or folders."""
    return f"file{extension(kind)}"


def _lifetime(seconds: int | None) -> Mapping[str, str]:
    if seconds is None:
        return {}
    preference = json.dumps({"expiration_duration_seconds": seconds})
    return {"X-Fal-Object-Lifecycle": preference, "X-Fal-Object-Lifecycle-Preference": preference}
