"""Builds the JSON body of a request: media as URLs, secrets as markers."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from callsheet.errors import NodeError
from callsheet.nodes.queue.secret import FIELD, marker
from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING
from callsheet.spec.values import SecretName

NEVER_SENT: Final = frozenset({"sync_mode"})
"""`sync_mode` puts media into the JSON and the result not into fal's history, so a lost result could not be
found again."""


class Uploads(Protocol):
    """Earlier uploads to one provider: digest → URL. A run keeps them in the ledger; a dict works as well."""

    def get(self, digest: str, /) -> str | None: ...

    def __setitem__(self, digest: str, url: str, /) -> None: ...


class MediaUrls:
    """Gives each media value a URL: its own while that works, else the URL of an upload, once per digest.

    upload: sends a file and gives its URL. is_there: whether a server still has the file at a URL.
    """

    def __init__(
        self,
        upload: Callable[[Path], Awaitable[str]],
        is_there: Callable[[str], Awaitable[bool]],
        uploads: Uploads,
    ) -> None:
        self._upload = upload
        self._is_there = is_there
        self._uploads = uploads
        self._turn: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def url(self, artifact: Artifact) -> str:
        """The URL where the provider can fetch `artifact`. Raises NodeError."""
        async with self._turn[artifact.digest or str(artifact.path)]:
            uploaded = self._uploads.get(artifact.digest) if artifact.digest else None
            for known in (artifact.url, uploaded):
                if known and await self._is_there(known):
                    return known
            url = await self._upload(artifact.path)
            if artifact.digest and not url.startswith("data:"):
                self._uploads[artifact.digest] = url
            return url


async def body(params: Mapping[str, object], media: MediaUrls) -> str:
    """Build the exact JSON text to record and send. Raises NodeError."""
    values = {n: await _json(v, media) for n, v in params.items() if n not in NEVER_SENT and v is not NOTHING}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)


async def _json(value: object, media: MediaUrls) -> object:
    match value:
        case Artifact():
            return await media.url(value)
        case SecretName(variable):
            return marker(variable)
        case Mapping() if FIELD in value:
            raise NodeError(
                f"a parameter has a field named {FIELD}, which is reserved", "rejected", "rename it"
            )
        case Mapping():
            return {str(n): await _json(v, media) for n, v in value.items() if v is not NOTHING}
        case list() | tuple():
            return [await _json(v, media) for v in value if v is not NOTHING]
    return value
