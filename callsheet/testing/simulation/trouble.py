"""What comes in place of a result, or of its file: for a while, or until the simulation ends."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, get_args

from callsheet.nodes.http.message import Reply

Good = Literal[
    "plain",
    "envelope",
    "null seed",
    "float seed",
    "no seed",
    "byte order mark",
    "not a number",
    "named twice",
    "packed",
    "latin",
    "one in place of a list",
    "said to be a picture",
]
"""Shapes of results that can be used."""
Useless = Literal["a picture", "no clip", "null clip"]
"""Shapes of results that came and can never be used: they are kept, and not bought again."""
Failed = Literal["nothing made", "flagged", "failed", "failed in words"]
"""The provider's own word that there is nothing."""
Shape = Good | Useless | Failed
"""How the result of a request looks."""
GOOD: Final[tuple[Good, ...]] = get_args(Good)
USELESS: Final[tuple[Useless, ...]] = get_args(Useless)
FAILED: Final[tuple[Failed, ...]] = ("nothing made", *get_args(Failed))
"""The first comes twice as often: of its kind there is no other."""
LASTING: Final = (0.0, 0.0, 3.0, 60.0, 3600.0, 2 * 86400.0, 5 * 86400.0)
"""Seconds that trouble lasts, counted from the end of a request."""
PAGE: Final = b"<!doctype html><title>Sign in</title>"


@dataclass(frozen=True, slots=True)
class FileReply:
    """What a file's host answers. content: of the file, "" where there is none."""

    status: int
    headers: Mapping[str, str]
    content: str


def odd_result(rng: Random, request_id: str, another: str) -> Reply:
    """A reply that is no result and says nothing of the request. another: the id of another request."""
    header = {"x-fal-request-id": request_id}
    match rng.randrange(8):
        case 0:
            return Reply(200, header, PAGE)
        case 1:
            return Reply(200, header, b'{"clips": [{"ur')
        case 2:
            return Reply(200, header, b"", "breaks off", cut=True)
        case 3:
            return Reply(200, header, b"null")
        case 4:
            return Reply(200, {"content-encoding": "br"}, b"\x8b\x00", "is packed in a way nobody asked for")
        case 5 if another:
            return Reply(200, {"x-fal-request-id": another}, _json(clips=[_clip(another)]))
    status = rng.choice([s for s in range(100, 1000) if not 200 <= s < 300])
    return Reply(status, {}, rng.choice((PAGE, b"", b"no")))


def result(shape: Shape, request_id: str, url: str) -> Reply:
    """The reply with the result of a request that is over."""
    header, clip = {"x-fal-request-id": request_id}, {"url": url, "content_type": "video/mp4"}
    good = {"clips": [clip], "seed": 7}
    match shape:
        case "packed":
            return Reply(
                200, {**header, "content-encoding": "gzip"}, gzip.compress(_json(**good)), "is packed"
            )
        case "failed":
            detail = [{"loc": ["body"], "msg": "no", "type": "internal_server_error"}]
            return Reply(500, header, _json(detail=detail))
        case "failed in words":
            return Reply(422, header, _json(detail="it did not work"))
    raw = _odd_bytes(_json(**good)).get(shape)
    return Reply(200, header, _json(**_fields(clip).get(shape, good)) if raw is None else raw)


def _fields(clip: Mapping[str, str]) -> Mapping[Shape, dict[str, object]]:
    """Shape → what the JSON of the result holds."""
    return {
        "envelope": {"data": {"clips": [clip], "seed": 7}, "status": "COMPLETED"},
        "null seed": {"clips": [clip], "seed": None},
        "float seed": {"clips": [clip], "seed": 1.5},
        "no seed": {"clips": [clip]},
        "not a number": {"clips": [clip], "seed": float("nan")},
        "one in place of a list": {"clip": clip, "seed": 7},
        "said to be a picture": {"clips": [{**clip, "content_type": "image/png"}], "seed": 7},
        "no clip": {"seed": 7},
        "null clip": {"clips": None, "seed": 7},
        "nothing made": {"clips": [], "seed": 7},
        "flagged": {"clips": [clip], "has_nsfw_concepts": [True]},
    }


def _odd_bytes(good: bytes) -> Mapping[Shape, bytes]:
    """Shape → the bytes of the result."""
    return {
        "byte order mark": b"\xef\xbb\xbf" + good,
        "named twice": b'{"seed": 1, ' + good[1:],
        "latin": good[:-1] + b', "prompt": "\xe9"}',
    }


def odd_file(rng: Random, media: str) -> FileReply:
    """A reply of a file's host that does not bring the file."""
    match rng.randrange(7):
        case 0:
            return FileReply(200, {}, PAGE.decode())
        case 1:
            return FileReply(200, {}, media[:-2])
        case 2:
            return FileReply(200, {}, "")
        case 3:
            return FileReply(206, {"content-range": "bytes 0-3/10"}, media[:4])
        case 4:
            return FileReply(200, {}, media.replace("video", "picture"))
    return FileReply(rng.choice([s for s in range(100, 1000) if not 200 <= s < 300]), {}, "")


def _clip(request_id: str) -> dict[str, str]:
    return {"url": f"https://files.test/{request_id}/x.mp4"}


def _json(**fields: object) -> bytes:
    return json.dumps(fields).encode()
