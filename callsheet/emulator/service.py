"""Answers HTTP requests: finds the handler, checks the key, applies faults, and records each request."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from callsheet.emulator.backend.hub import routed
from callsheet.emulator.call import Call
from callsheet.emulator.faults.break_reply import LOCKED, break_reply
from callsheet.emulator.faults.fault import Fault, Faults, parse_faults
from callsheet.emulator.faults.outcome import OUTCOMES, SUCCESS
from callsheet.emulator.http.connection import Connection
from callsheet.emulator.http.message import Refusal, Reply, Request, json_reply
from callsheet.emulator.journal import Entry
from callsheet.emulator.routes import Route, Routes
from callsheet.emulator.state import State
from callsheet.errors import InputError

BACKLOG: Final = 8192
FAULT_HEADER: Final = "x-callsheet-fault"
TARGET_HEADER: Final = "x-fal-target-url"


class Service:
    """Listens on one port of the loopback interface. `stop` returns at once, also with requests in
    progress."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.routes = Routes()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._scheme = "http"

    async def start(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        """Listen; `port` 0 takes a free one. Raises OSError."""
        self._scheme = "https" if tls else "http"
        self._server = await asyncio.start_server(self._connected, host, port, ssl=tls, backlog=BACKLOG)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._clients:
            task.cancel()
        self.state.stop()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = Connection(reader, writer, self.answer, self._scheme).serve()
        task = asyncio.get_running_loop().create_task(serving)
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def answer(self, request: Request) -> Reply:
        """The reply to one request, with the headers that every reply has."""
        request, synchronous = routed(_unproxied(request))
        entry = self._recorded(request)
        try:
            reply = await self._checked(request, entry, synchronous)
        except Refusal as refusal:
            reply = refusal.reply
        except Exception as error:
            reply = json_reply({"detail": f"a bug in the emulator: {error!r}"}, 500)
        if reply.defect is None or not reply.defect.lost:
            entry.status = reply.status
        return replace(reply, headers=(*reply.headers, ("Date", self.state.clock.date())))

    def _recorded(self, request: Request) -> Entry:
        authorized = "authorization" in request.headers
        now = self.state.clock.now()
        return self.state.journal.add(now, request.method, request.target, authorized)

    async def _checked(self, request: Request, entry: Entry, synchronous: bool) -> Reply:
        route = self.routes.find(request, synchronous)
        endpoint = self._endpoint(route, request)
        self.state.journal.place(entry, route.place or "control", endpoint)
        entry.request_id = route.parts.get("id", "")
        call = Call(self.state, request, entry, route.parts)
        if route.place is None:
            return await route.handler(call)
        return await self._answered(route, call, endpoint)

    async def _answered(self, route: Route, call: Call, endpoint: str) -> Reply:
        here, later = _asked_for(call.request, route)
        hit = [*here, *self._hitting(route, call, endpoint)]
        call.entry.faults = [fault.kind for fault in hit]
        outcome = next((OUTCOMES[fault.kind] for fault in hit if fault.kind in OUTCOMES), SUCCESS)
        call = replace(call, attached=later, outcome=outcome)

        async def act() -> Reply:
            if not route.open:
                self._admit(call.request)
            return await route.handler(call)

        breaking = [fault for fault in hit if fault.kind not in OUTCOMES]
        return await (break_reply(breaking[0], act, self.state.clock) if breaking else act())

    def _hitting(self, route: Route, call: Call, endpoint: str) -> list[Fault]:
        if route.place is None:
            return []
        found = list(self.state.faults.draw(route.place, endpoint))
        generation = self.state.generations.get(self._subject(route, call.request))
        return [*found, *generation.draw(route.place)] if generation else found

    def _subject(self, route: Route, request: Request) -> str:
        """The id of the request that a call is about."""
        if route.place == "media" and (file := self.state.media.find(request.path)):
            return file.origin.request_id
        return route.parts.get("id", "")

    def _endpoint(self, route: Route, request: Request) -> str:
        if "endpoint" in route.parts:
            return route.parts["endpoint"]
        generation = self.state.generations.get(self._subject(route, request))
        return generation.endpoint if generation else request.asked("endpoint_id")

    def _admit(self, request: Request) -> None:
        """Accept any key but those that the settings name. Raises Refusal."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme not in ("Key", "Bearer") or not key or key in self.state.settings.keys.refused:
            raise Refusal(401, "Unauthorized")
        if key in self.state.settings.keys.locked:
            raise Refusal(403, LOCKED)


def _asked_for(request: Request, route: Route) -> tuple[list[Fault], Faults]:
    """The faults that the request's own header asks for: those for this call, and those for later calls."""
    try:
        asked = parse_faults(request.headers.get(FAULT_HEADER, ""))
    except InputError as error:
        raise Refusal(400, f"{FAULT_HEADER}: {error.message}. {error.next_step}") from error
    here = [fault for fault in asked if fault.on == route.place]
    return here, Faults(fault for fault in asked if fault.on != route.place)


def _unproxied(request: Request) -> Request:
    """The request that the JavaScript client sends through its proxy route, with its real URL."""
    url = request.headers.get(TARGET_HEADER)
    if not url:
        return request
    parts = urlsplit(url)
    return replace(request, target=parts._replace(scheme="", netloc="").geturl() or "/")


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """A server context; raises InputError for files that are no certificate or key."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise InputError(
            f"{certificate} and {key} cannot be used for TLS: {error}", "pass a PEM certificate and its key"
        ) from error
    return context
