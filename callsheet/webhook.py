"""Checks that fal made a call of your webhook: `callsheet run film.yaml --webhook URL` asks it to.

    delivery = callsheet.webhook.verify(request.headers, request.body)

fal signs `request id LF user id LF timestamp LF hex sha256 of the raw body` with Ed25519, and publishes its
keys at https://rest.fal.ai/.well-known/jwks.json. A call may come twice: keep the request ids that you have
seen. A run goes on asking fal itself, so a call that is lost does no harm.

Needs `pip install 'callsheet[webhook]'`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

from callsheet.errors import CallsheetError, InputError

__all__ = ["Delivery", "WebhookError", "published_keys", "verify"]

TOLERANCE: Final = 300.0
"""Seconds that the time of a call may differ from ours."""
KEPT: Final = 24 * 3600.0
"""Seconds for which published keys are kept."""
FRESH: Final = 60.0
"""Seconds after which keys are fetched again for a signature that none fits: fal may have new ones."""
LARGEST: Final = 64 * 1024 * 1024
FIELDS: Final = ("Request-Id", "User-Id", "Timestamp", "Signature")


class WebhookError(CallsheetError):
    """A call that is not to be trusted, and why. Answer it with status 401, and do nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What fal says of one request. payload: the output of the model, or what fal says of the error; None
    where it sends none. error: "" for a request that succeeded."""

    request_id: str
    status: Literal["OK", "ERROR"]
    payload: Mapping[str, Any] | None = None
    error: str = ""


def verify(
    headers: Mapping[str, str], body: bytes, keys: Iterable[str] | None = None, now: float | None = None
) -> Delivery:
    """The delivery, if fal signed it, and its time is within five minutes of ours.

    headers: those of the call, in any case. body: its raw bytes. keys: fal's public keys in base64url, as
    `published_keys` gives them; None to fetch them (they are kept for a day). now: seconds since the epoch.

    Raises WebhookError for a call that is not fal's, InputError when the keys cannot be fetched, or where the
    library for signatures is not installed.
    """
    request_id, user, at, signature = _said(headers)
    if len(body) > LARGEST:
        raise WebhookError("the body is larger than 64 MB", "refuse it")
    if abs((time.time() if now is None else now) - int(at)) > TOLERANCE:
        raise WebhookError("the call is more than five minutes old", "refuse it")
    message = "\n".join((request_id, user, at, hashlib.sha256(body).hexdigest())).encode()
    _check(signature, message, None if keys is None else tuple(keys))
    return _delivery(body, request_id)


def published_keys(again: bool = False) -> tuple[str, ...]:
    """fal's public keys, in base64url. Fetched at most once a day.

    again: fetch them now. Raises InputError where they cannot be fetched.
    """
    with _LOCK:
        fetched, keys = _KEYS.get("", (0.0, ()))
        if not keys or again or time.monotonic() - fetched > KEPT:
            keys = _fetched()
            _KEYS[""] = (time.monotonic(), keys)
        return keys


_LOCK: Final = threading.Lock()
_KEYS: Final[dict[str, tuple[float, tuple[str, ...]]]] = {}
"""The published keys under "", with the seconds of the monotonic clock at which they were fetched."""


def _said(headers: Mapping[str, str]) -> tuple[str, str, str, bytes]:
    """Request id, user id, timestamp and signature in the headers of a call."""
    given = {name.lower(): value for name, value in headers.items()}
    found = [given.get(f"x-fal-webhook-{field}".lower(), "") for field in FIELDS]
    if missing := [name for name, value in zip(FIELDS, found, strict=True) if not value]:
        raise WebhookError(f"the header X-Fal-Webhook-{missing[0]} is missing", "refuse it")
    request_id, user, at, signature = found
    if not at.isascii() or not at.isdecimal() or len(at) > 12:
        raise WebhookError("the timestamp is no number of seconds", "refuse it")
    try:
        return request_id, user, at, bytes.fromhex(signature)
    except ValueError:
        raise WebhookError("the signature is not in hex", "refuse it") from None


def _check(signature: bytes, message: bytes, keys: Sequence[str] | None) -> None:
    """Raises WebhookError unless one of the keys made the signature."""
    if keys is not None:
        fits = _fits(signature, message, keys)
    else:
        fits = _fits(signature, message, published_keys())
        if not fits and time.monotonic() - _KEYS[""][0] > FRESH:
            fits = _fits(signature, message, published_keys(again=True))
    if not fits:
        raise WebhookError("none of fal's keys made the signature", "refuse it: somebody else sent it")


def _fits(signature: bytes, message: bytes, keys: Iterable[str]) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise InputError(
            "signatures are checked by a library that is not installed", "pip install 'callsheet[webhook]'"
        ) from None
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(_decoded(key)).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False


def _decoded(key: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except (binascii.Error, ValueError):
        return b""


def _delivery(body: bytes, request_id: str) -> Delivery:
    """What the body says, once it is known to be fal's."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookError("the body is not JSON", "fetch the result with callsheet resume") from None
    if not isinstance(said, dict) or said.get("request_id") != request_id:
        raise WebhookError("the body is about another request", "refuse it")
    payload = said.get("payload")
    error = str(said.get("error") or said.get("payload_error") or "")
    status: Literal["OK", "ERROR"] = "OK" if said.get("status") == "OK" else "ERROR"
    return Delivery(request_id, status, payload if isinstance(payload, dict) else None, error)


def _fetched() -> tuple[str, ...]:
    """The keys as fal publishes them now; in a thread, since a service may have a loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        body = pool.submit(lambda: asyncio.run(_document())).result()
    listed = body.get("keys")
    found = [key.get("x") for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
    keys = tuple(x for x in found if isinstance(x, str))
    if not keys:
        raise InputError("fal's document of keys has none", "try again later")
    return keys


async def _document() -> dict[str, object]:
    from callsheet.nodes.fal.hosts import hosts
    from callsheet.nodes.http.body import BodyError
    from callsheet.nodes.http.client import Client
    from callsheet.nodes.http.message import Call, Lost, Unsent

    client, url = Client(1, keep_alive=0.0), f"{hosts().rest}/.well-known/jwks.json"
    try:
        reply = await client.send(Call("GET", url, seconds=30.0))
        if reply.status != 200:
            raise InputError(f"fal's keys cannot be read: it answered {reply.status}", "try again later")
        return reply.json()
    except (Unsent, Lost, BodyError) as error:
        raise InputError(f"fal's keys cannot be read: {error}", "try again later") from None
    finally:
        await client.close()
