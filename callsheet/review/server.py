"""Starts the review server of a film, and serves it until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.review.access import Access
from callsheet.review.film import Film
from callsheet.review.service import Service
from callsheet.review.watch import Watcher
from callsheet.runtime.cancellation import Stop, on_signals

LOOPBACK: Final = "127.0.0.1"
HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen. port: 0 for any free one. host: a name or address of this machine, "" for loopback.
    cert, key: PEM files, which a host needs."""

    port: int = 0
    host: str = ""
    cert: Path | None = None
    key: Path | None = None

    def require_safe(self) -> None:
        """Raises InputError where others could read what is sent, or nobody knows what the server is
        called."""
        if self.host and not (self.cert and self.key):
            raise InputError(
                "--host shows the film to other machines, and only encrypted",
                "give --cert FILE and --key FILE, or leave --host out",
            )
        if not self.host and (self.cert or self.key):
            raise InputError("--cert and --key belong to --host", "name the host that the certificate is for")
        if _means_every(self.host):
            raise InputError(
                f"--host {self.host} is no name that a browser can open",
                "write the name or address people use",
            )

    def tls(self) -> ssl.SSLContext | None:
        """Raises InputError for files that are no certificate and its key."""
        if self.cert is None or self.key is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            why = error.strerror or str(error)
            raise InputError(f"--cert {self.cert} and --key {self.key} cannot be used: {why}") from None
        return context

    def access(self, port: int) -> Access:
        """Who may ask, when the server listens at `port`."""
        if self.host:
            own = "" if port == HTTPS else f":{port}"  # browsers leave it out
            return Access(f"https://{_bracketed(self.host)}{own}")
        return Access(f"http://{LOOPBACK}:{port}", frozenset({f"localhost:{port}"}))


@dataclass(frozen=True, slots=True)
class Told:
    """What a person at the terminal is told. address: of the page, when it can be opened, and another one
    that leads there once, for the browser. saved: what came of each save; None where nothing is watched."""

    address: Callable[[str, str], None]
    saved: Callable[[str], None] | None = None


def serve_film(film: Film, place: Place, told: Told, stop: Stop | None = None) -> None:
    """Serve the page of a film until Ctrl-C, or `stop`. Raises InputError where it cannot listen."""
    place.require_safe()
    tls = place.tls()
    ends = stop or Stop()
    with contextlib.suppress(KeyboardInterrupt), on_signals(ends, _leave):
        asyncio.run(_serve(film, place, tls, told, ends))


def _leave() -> None:
    raise KeyboardInterrupt


async def _serve(film: Film, place: Place, tls: ssl.SSLContext | None, told: Told, stop: Stop) -> None:
    service = Service(film)
    try:
        await service.start(place.host or LOOPBACK, place.port, tls)
    except OSError as error:
        where = f"{place.host or LOOPBACK}:{place.port}"
        raise InputError(f"cannot listen at {where}: {error.strerror}", "choose another --port") from None
    service.access = place.access(service.port)
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    stop.when_requested(lambda: loop.call_soon_threadsafe(ended.set))
    told.address(service.access.address, service.opening)
    if told.saved is not None:
        service.also(Watcher(service, told.saved).run())
    try:
        await ended.wait()
    finally:
        await service.stop()


def _means_every(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return host == "*"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
