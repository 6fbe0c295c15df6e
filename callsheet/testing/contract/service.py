"""A provider's service on loopback, as its author wrote it, with faults between it and the queue."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the service gets. url: the service's own address, `http://127.0.0.1:PORT`. path: without
    the query. query: name → value. headers: by names in small letters."""

    method: str
    url: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """What the service answers. body: bytes, or what is sent as JSON. cut: the connection ends in its
    middle."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    @property
    def content_type(self) -> str:
        return "application/octet-stream" if isinstance(self.body, bytes) else "application/json"


Answer = Callable[[Request], Response]
"""The service: what it answers to a request. An object of it has the state of one service."""
Fault = Callable[[Request, Answer], Response | None]
"""What comes instead of the answer; None ends the connection without a reply."""
Submits = Callable[[Request], bool]
"""Whether a request asks for something that costs money."""
LIMIT: Final = 64 * 1024 * 1024


def is_post(request: Request) -> bool:
    """Most services submit with POST, and ask with GET."""
    return request.method == "POST"


class Service:
    """The service while it is reached. fault: what comes instead of its answers; None for nothing."""

    def __init__(self, answer: Answer, submits: Submits, url: str) -> None:
        self.url = url
        self.fault: Fault | None = None
        self.requests: list[Request] = []
        self.accepted = 0
        self._answer, self._submits, self._lock = answer, submits, Lock()

    @property
    def submitted(self) -> int:
        """How many requests came that ask for something that costs money."""
        return sum(map(self._submits, self.requests))

    def on_submits(self, fault: Fault) -> Fault:
        """The fault for requests that cost money alone."""

        def only(request: Request, answer: Answer) -> Response | None:
            return fault(request, answer) if self._submits(request) else answer(request)

        return only

    def handle(self, request: Request) -> Response | None:
        """The reply to a request, or None."""
        with self._lock:
            self.requests.append(request)
            return self.fault(request, self.answer) if self.fault else self.answer(request)

    def answer(self, request: Request) -> Response:
        """The service's own answer."""
        response = self._answer(request)
        if self._submits(request) and 200 <= response.status < 300:
            self.accepted += 1
        return response


@contextmanager
def reached(answer: Answer, submits: Submits) -> Iterator[Service]:
    """The service on a free port of this machine."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.service = Service(answer, submits, f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.service
        finally:
            server.shutdown()


@contextmanager
def serve(service: Answer) -> Iterator[str]:
    """A fake of a service on a free port of this machine, for tests of whole films. Gives its URL."""
    with reached(service, is_post) as one:
        yield one.url


def free_port() -> str:
    """The URL of a port on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: Service


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each reply: head and body apart wait for each other

    def _any(self) -> None:
        parts = urlsplit(self.path)
        size = min(int(self.headers.get("Content-Length") or 0), LIMIT)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(size)
        request = Request(self.command, self.server.service.url, parts.path, query, headers, body)
        response = self.server.service.handle(request)
        with suppress(OSError):
            self._send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any

    def _send(self, response: Response | None) -> None:
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = response.content
        self.send_response(response.status)
        for name, value in {"Content-Type": response.content_type, **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if response.cut else content)
        self.wfile.flush()
        self.close_connection = self.close_connection or response.cut

    def log_message(self, *_: object) -> None: ...


HTML: Final = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def no_reply(request: Request, answer: Answer) -> None:
    """The service acts on the request, and its reply is lost."""
    answer(request)


def never_arrives(request: Request, answer: Answer) -> None:
    """The connection ends before the service has seen the request."""


def status(code: int, **headers: str) -> Fault:
    """A gateway answers with this status; the service does not see the request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def fault(request: Request, answer: Answer) -> Response:
        return Response(code, {"error": f"status {code}"}, named)

    return fault


def web_page(request: Request, answer: Answer) -> Response:
    """The service acts on the request, and a web page comes with its status."""
    return replace(answer(request), body=HTML, headers={"Content-Type": "text/html"})


def cut(request: Request, answer: Answer) -> Response:
    """The reply ends in its middle."""
    return replace(answer(request), cut=True)


def empty(request: Request, answer: Answer) -> Response:
    """The reply has the right status, and says nothing."""
    return replace(answer(request), body={})
