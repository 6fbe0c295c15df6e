"""Takes uploads (with a token, to a signed URL, in parts) and serves the files."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from callsheet.emulator.call import Call
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.emulator.results.media import cdn, serve

TOKEN_SECONDS: Final = 3600


class Uploads:
    """Tokens that were issued, signed uploads that have begun, and parts that have arrived."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.begun: dict[str, tuple[str, str]] = {}
        self.parts: dict[str, dict[int, bytes]] = {}

    async def token(self, call: Call) -> Reply:
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        ends = datetime.fromtimestamp(call.state.clock.now() + TOKEN_SECONDS, UTC)
        body = {
            "token": token,
            "token_type": "Bearer",
            "base_url": cdn(call.request.origin),
            "expires_at": ends.isoformat(timespec="seconds"),
        }
        return json_reply(body)

    async def upload(self, call: Call) -> Reply:
        """Raw bytes with a token of ours."""
        self._hold_token(call)
        name = call.request.headers.get("x-fal-file-name", "file")
        kind = call.request.headers.get("content-type", "")
        path = call.state.media.add(call.request.body, name, kind)
        return json_reply({"access_url": cdn(call.request.origin) + path})

    async def initiate(self, call: Call) -> Reply:
        """A signed URL for one PUT, or for parts. The file's URL answers 404 until the bytes are there."""
        asked = call.request.json()
        given: dict[str, Any] = asked if isinstance(asked, dict) else {}
        path = call.state.media.reserve(str(given.get("file_name") or "file"))
        signature = secrets.token_hex(16)
        self.begun[signature] = (path, str(given.get("content_type") or ""))
        base = cdn(call.request.origin)
        return json_reply(
            {"upload_url": f"{base}/signed{path}?signature={signature}", "file_url": base + path}
        )

    async def put(self, call: Call) -> Reply:
        """The bytes of a signed upload."""
        path, kind = self._begun(call)
        call.state.media.put(path, call.request.body, kind)
        return Reply(200, b"", (("ETag", _etag(call.request.body)),))

    async def begin_parts(self, call: Call) -> Reply:
        """A multipart upload with a token of ours."""
        self._hold_token(call)
        path = call.state.media.reserve(call.request.headers.get("x-fal-file-name", "file"))
        upload = secrets.token_hex(8)
        self.begun[upload] = (path, call.request.headers.get("content-type", ""))
        return json_reply({"access_url": cdn(call.request.origin) + path, "uploadId": upload})

    async def part(self, call: Call) -> Reply:
        """One part, numbered from 1."""
        parts = self.parts.setdefault(call.parts["file"], {})
        parts[int(call.parts["number"])] = call.request.body
        return json_reply({"partNumber": int(call.parts["number"])}, 200, ("ETag", _etag(call.request.body)))

    async def complete(self, call: Call) -> Reply:
        """Join the parts in the order of their numbers; each etag must be that of the part that was sent."""
        key = call.parts["file"]
        parts = self.parts.pop(key, {})
        for number, etag in _named_parts(call):
            if number not in parts or etag not in (None, _etag(parts[number])):
                raise Refusal(400, f"part {number} did not arrive as named")
        path, kind = self._parted(call, key)
        data = b"".join(parts[number] for number in sorted(parts))
        call.state.media.put(path, data, kind)
        return json_reply({"url": cdn(call.request.origin) + path})

    def _parted(self, call: Call, key: str) -> tuple[str, str]:
        path = f"/files/{key}"
        kinds = (kind for begun, kind in self.begun.values() if begun == path)
        return path, next(kinds, "")

    def _begun(self, call: Call) -> tuple[str, str]:
        found = self.begun.get(call.request.asked("signature"))
        if found is None or found[0] != f"/files/{call.parts['file']}":
            raise Refusal(403, "the signature does not fit this URL")
        return found

    def _hold_token(self, call: Call) -> None:
        if call.request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401, "this token was not given out here")


def _named_parts(call: Call) -> list[tuple[object, object]]:
    """(number, etag) of each part that the request names."""
    asked = call.request.json()
    named = asked.get("parts") if isinstance(asked, dict) else None
    if not isinstance(named, list) or not all(isinstance(item, dict) for item in named):
        raise Refusal(400, "the body names no parts")
    return [(item.get("partNumber"), item.get("etag")) for item in named]


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


async def download(call: Call) -> Reply:
    """Serve a file of the CDN; needs no key."""
    file = call.state.media.find(call.request.path)
    kept = call.state.settings.retention.media
    if file is None or (kept is not None and call.state.clock.past(file.made_at, kept)):
        raise Refusal(404, "File not found")
    call.entry.request_id, call.entry.endpoint = file.origin.request_id, file.origin.endpoint
    return serve(file, call.request)
