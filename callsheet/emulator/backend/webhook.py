"""Delivers webhooks and signs them.

Ed25519 over `request id LF user id LF timestamp LF hex sha256 of the raw body`; the public key is served as a
JWKS (fal's webhook documentation). The targets of real fal are public hosts; these are on loopback alone.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from callsheet.emulator.clock import Clock
from callsheet.emulator.http.message import Refusal
from callsheet.emulator.job import Generation
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Lost, Unsent

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

USER_ID: Final = "emulated-user"
TRIES: Final = 5
TIMEOUT_SECONDS: Final = 15.0
PAUSE_SECONDS: Final = 1.0


def check_target(url: str) -> str:
    """The webhook's URL, "" for none; raises Refusal (400) for one that is not on this machine."""
    if not url:
        return ""
    host = urlsplit(url).hostname or ""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback or urlsplit(url).scheme not in ("http", "https"):
        raise Refusal(400, "fal_webhook: this emulator calls only http(s) URLs on loopback")
    return url


class Webhooks:
    """Delivers each webhook, with at most `TRIES` attempts; a redirect is not retried."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        """A new signing key for each emulator."""
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ImportError as error:
            raise Refusal(501, "webhooks are signed: install callsheet[emulator]") from error
        return Ed25519PrivateKey.generate()

    def jwks(self) -> dict[str, Any]:
        x = base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "emulator", "use": "sig", "x": x}]}

    def send(self, generation: Generation) -> None:
        """Deliver in the background."""
        task = asyncio.get_running_loop().create_task(self._deliver(generation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def signed(self, request_id: str, body: bytes) -> dict[str, str]:
        """The headers of one delivery."""
        timestamp = str(int(self.clock.now()))
        message = "\n".join((request_id, USER_ID, timestamp, hashlib.sha256(body).hexdigest()))
        return {
            "Content-Type": "application/json",
            "X-Fal-Webhook-Request-Id": request_id,
            "X-Fal-Webhook-User-Id": USER_ID,
            "X-Fal-Webhook-Timestamp": timestamp,
            "X-Fal-Webhook-Signature": self.key.sign(message.encode()).hex(),
        }

    async def _deliver(self, generation: Generation) -> None:
        body = json.dumps(_message(generation)).encode()
        client = Client(connections=1, keep_alive=0)
        try:
            for attempt in range(TRIES):
                headers = self.signed(generation.id, body)
                call = Call("POST", generation.webhook, headers, body, TIMEOUT_SECONDS)
                try:
                    if (await client.send(call)).status < 400:
                        return
                except (Unsent, Lost):
                    pass
                await self.clock.sleep(PAUSE_SECONDS * 2**attempt)
        finally:
            await client.close()


def _message(generation: Generation) -> dict[str, Any]:
    message = {"request_id": generation.id, "gateway_request_id": generation.id, "payload": generation.answer}
    if generation.ok:
        return {**message, "status": "OK"}
    return {**message, "status": "ERROR", "error": f"Invalid status code: {generation.outcome.status}"}
