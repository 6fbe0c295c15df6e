"""Sends a stored file, whole or a range of it."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from callsheet.review.message import Headers, Refusal, Reply
from callsheet.spec.content_types import by_name
from callsheet.spec.regular_file import open_regular

ASKED: Final = re.compile(r"bytes=(\d*)-(\d*)\Z")
PIECE: Final = 256 * 1024
PLAYED: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "video/", "audio/")
"""What a browser shows as it is; anything else is offered as a file to keep, and never shown."""


def file_reply(path: Path, asked: str = "") -> Reply:
    """The bytes of `path`. asked: the header `Range`; a wrong one counts as none, as HTTP says.

    Raises Refusal where the file is gone, or the range lies behind its end.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
    except OSError:
        raise Refusal(404, "the file is not on this machine any more", "run the film again") from None
    kind = by_name(path)
    headers: Headers = (
        ("Content-Type", kind if kind.startswith(PLAYED) else "application/octet-stream"),
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", "private, max-age=31536000, immutable"),
        ("Content-Disposition", "inline" if kind.startswith(PLAYED) else "attachment"),
    )
    found = ASKED.match(asked.strip())
    if found is None or found.group(0) == "bytes=-":
        return Reply(200, headers=headers, chunks=_pieces(path, 0, size), length=size)
    first, last = _bounds(found[1], found[2], size)
    if first >= size or first > last:
        raise Refusal(416, "the range lies behind the end of the file")
    headers = (*headers, ("Content-Range", f"bytes {first}-{last}/{size}"))
    return Reply(206, headers=headers, chunks=_pieces(path, first, last + 1), length=last + 1 - first)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte that are meant; `-500` is the last 500."""
    if not first:
        return max(0, size - int(last[:20])), size - 1
    return int(first[:20]), min(int(last[:20]), size - 1) if last else size - 1


async def _pieces(path: Path, start: int, end: int) -> AsyncGenerator[bytes, None]:
    with open_regular(path) as file:
        file.seek(start, os.SEEK_SET)
        while start < end:
            piece = file.read(min(PIECE, end - start))
            if not piece:
                return
            start += len(piece)
            yield piece
