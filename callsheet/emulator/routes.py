"""Finds the handler of a path. All of fal's hosts are served on one address, since their paths differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from callsheet.emulator import control
from callsheet.emulator.api import chat, live_models, platform, queue
from callsheet.emulator.api import other_providers as others
from callsheet.emulator.api.uploads import Uploads, download
from callsheet.emulator.call import Handler
from callsheet.emulator.faults.kinds import Place
from callsheet.emulator.http.endpoint import app_length
from callsheet.emulator.http.message import Refusal, Request


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and its paths. place: where faults can hit it, None for nowhere. open: needs no key."""

    handler: Handler
    place: Place | None
    parts: dict[str, str]
    open: bool = False


ACTIONS: Final[dict[tuple[str, str], tuple[Place, Handler]]] = {
    ("GET", ""): ("result", queue.result),
    ("GET", "response"): ("result", queue.result),
    ("GET", "status"): ("status", queue.status),
    ("GET", "status/stream"): ("stream", queue.stream),
    ("PUT", "cancel"): ("cancel", queue.cancel),
}
OPEN: Final = ("media", "keys", "mapping")


FILE: Final = r"(/signed)?/files/(?P<file>\w+/[^/]+)(/multipart/[^/]+)?"

Fixed = tuple[str, str, Place | None, Handler]


def _platform() -> tuple[Fixed, ...]:
    return (
        ("GET", r"/v1/models/requests/by-endpoint", "listing", platform.by_endpoint),
        ("GET", r"/v1/serverless/requests/by-endpoint", "listing", platform.by_endpoint),
        ("GET", r"/v1/models/billing-events", "billing", platform.billing_events),
        ("GET", r"/v1/models/pricing", "pricing", live_models.pricing),
        ("GET", r"/v1/models", "models", live_models.models),
        ("GET", r"/api/openapi/queue/openapi\.json", "models", live_models.openapi),
        ("GET", r"/v1/account/billing", "account", platform.account),
        ("GET", r"/\.well-known/jwks\.json", "keys", platform.jwks),
        ("GET", r"/api/models/(?P<repo>[^/]+/[^/]+)", "mapping", platform.mapping),
    )


def _chat() -> tuple[Fixed, ...]:
    return (("POST", r"/(?P<endpoint>v1/chat/completions)", "submit", chat.completions),)


def _others() -> tuple[Fixed, ...]:
    model, id = r"(?P<endpoint>.+)", r"(?P<id>[\w-]+)"
    return (
        ("POST", rf"/novita/v3/hf/{model}", "submit", others.novita),
        ("POST", rf"/replicate/v1/models/{model}/predictions", "submit", others.replicate),
        ("GET", rf"/replicate/v1/predictions/{id}", "status", others.prediction),
        ("POST", r"/together/v2/videos", "submit", others.together),
        ("GET", rf"/together/v2/videos/{id}", "status", others.video),
        ("POST", r"/together/v1/images/generations", "submit", others.together_image),
        ("POST", rf"/wavespeed/api/v3/{model}", "submit", others.wavespeed),
        ("GET", rf"/wavespeed/api/v3/predictions/{id}/result", "status", others.task),
        ("POST", rf"/hf-inference/models/{model}", "submit", others.inference),
    )


def _files(uploads: Uploads) -> tuple[Fixed, ...]:
    return (
        ("POST", r"/storage/auth/token", "upload", uploads.token),
        ("POST", r"/storage/upload/initiate(-multipart)?", "upload", uploads.initiate),
        ("POST", r"/files/upload", "upload", uploads.upload),
        ("POST", r"/files/upload/multipart", "upload", uploads.begin_parts),
        ("PUT", FILE + r"/(?P<number>\d+)", "upload", uploads.part),
        ("POST", FILE + r"/complete", "upload", uploads.complete),
        ("PUT", r"/signed/files/(?P<file>\w+/[^/]+)", "upload", uploads.put),
        ("GET", r"/files/.+", "media", download),
    )


def _control() -> tuple[Fixed, ...]:
    return (
        ("GET", r"/_callsheet/health", None, control.health),
        ("GET", r"/_callsheet/journal", None, control.journal),
        ("GET", r"/_callsheet/faults", None, control.armed),
        ("POST", r"/_callsheet/faults", None, control.arm),
        ("DELETE", r"/_callsheet/faults", None, control.disarm),
        ("POST", r"/_callsheet/reset", None, control.reset),
    )


class Routes:
    """Knows the handlers: fixed paths first, everything else belongs to the queue."""

    def __init__(self) -> None:
        fixed = (*_files(Uploads()), *_platform(), *_chat(), *_others(), *_control())
        self._fixed = [
            (method, re.compile(pattern + r"\Z"), place, act) for method, pattern, place, act in fixed
        ]

    def find(self, request: Request, synchronous: bool) -> Route:
        """Raises Refusal: 404 for no such path, 405 for the wrong method or a URL that kept its subpath."""
        method = "GET" if request.method == "HEAD" else request.method
        hits = [(m, match, p, h) for m, rx, p, h in self._fixed if (match := rx.match(request.path))]
        for allowed, match, place, handler in hits:
            if allowed == method:
                parts = {k: v for k, v in match.groupdict().items() if v is not None}
                return Route(handler, place, parts, _is_open(place, request.path))
        if hits:
            raise Refusal(405, "Method Not Allowed")
        return _queue(method, request.path.strip("/"), synchronous)


def _is_open(place: Place | None, path: str) -> bool:
    return place is None or place in OPEN or path.startswith(("/signed/", "/files/", "/api/openapi/"))


def _queue(method: str, path: str, synchronous: bool) -> Route:
    parts = path.split("/")
    length = app_length(parts)
    if len(parts) < length or not all(parts):
        raise Refusal(404, "Not Found")
    if method == "POST" and "requests" not in parts:
        return _paid(path, synchronous)
    if len(parts) > length + 1 and parts[length] == "requests":
        action = "/".join(parts[length + 2 :])
        if found := ACTIONS.get((method, action)):
            place, handler = found
            return Route(handler, place, {"app": "/".join(parts[:length]), "id": parts[length + 1]})
    raise Refusal(405, "Method Not Allowed")


def _paid(endpoint: str, synchronous: bool) -> Route:
    if synchronous:
        return Route(queue.run, "run", {"endpoint": endpoint})
    return Route(queue.submit, "submit", {"endpoint": endpoint})
