"""Keeps and serves the files of the emulated CDN: results, uploads, and parts of uploads."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.emulator.clock import Clock
from callsheet.emulator.http.message import Reply, Request

FILES: Final = "/files/"
RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)\Z")
CDN: Final = "https://v3.fal.media"
REAL_HOSTS: Final = (".fal.run", ".fal.ai", ".falrun.com", ".fal.media", "huggingface.co")


@dataclass(frozen=True, slots=True)
class Origin:
    """The request and endpoint that made a file; both empty for an upload."""

    request_id: str = ""
    endpoint: str = ""


UPLOADED: Final = Origin()


@dataclass(frozen=True, slots=True)
class File:
    """`made_at`: seconds since the epoch."""

    path: Path
    content_type: str
    made_at: float
    origin: Origin = UPLOADED


class Media:
    """Files by their path below `/files/`; equal bytes are kept once."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self._files: dict[str, File] = {}

    def add(self, data: bytes, name: str, content_type: str = "", origin: Origin = UPLOADED) -> str:
        """Keep a file, and return the path of its URL."""
        url = self.reserve(name)
        self.put(url, data, content_type, origin)
        return url

    def reserve(self, name: str) -> str:
        """Return the path of a URL for a file that will be uploaded later."""
        safe = re.sub(r"[^\w.-]+", "_", name)[-80:] or "file"
        return f"{FILES}{secrets.token_hex(8)}/{safe}"

    def put(self, url: str, data: bytes, content_type: str = "", origin: Origin = UPLOADED) -> None:
        """Keep the bytes of a reserved URL."""
        path = self.folder / hashlib.sha256(data).hexdigest()
        if not path.exists():
            path.write_bytes(data)
        kind = content_type or mimetypes.guess_type(url)[0] or "application/octet-stream"
        self._files[url.removeprefix(FILES)] = File(path, kind, self.clock.now(), origin)

    def find(self, url: str) -> File | None:
        """The file behind a URL or its path, if it is one of ours."""
        return self._files.get(url.partition(FILES)[2].partition("?")[0])

    def clear(self) -> None:
        self._files.clear()


def cdn(origin: str) -> str:
    """The origin in the URLs of media, for a client that connected to `origin`: the same, or that of fal's
    CDN."""
    host = origin.partition("://")[2]
    return CDN if host.endswith(REAL_HOSTS) or f".{host}".endswith(REAL_HOSTS) else origin


def serve(file: File, request: Request) -> Reply:
    """The file, whole or the range asked for."""
    data = file.path.read_bytes()
    etag = ("ETag", f'"{file.path.name}"')
    headers = (("Content-Type", file.content_type), ("Accept-Ranges", "bytes"), etag)
    match = RANGE.match(request.headers.get("range", ""))
    if match is None or not any(match.groups()):
        return Reply(200, data, headers)
    start, end = _span(match[1], match[2], len(data))
    if start >= len(data):
        return Reply(416, b"", (*headers, ("Content-Range", f"bytes */{len(data)}")))
    part = data[start : end + 1]
    span = ("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(data)}")
    return Reply(206, part, (*headers, span))


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), int(last) if last else size - 1
