"""Applies a fault to a reply: one function for each kind."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from callsheet.emulator.clock import Clock
from callsheet.emulator.faults import odd_files, odd_results
from callsheet.emulator.faults.break_platform import PLATFORM
from callsheet.emulator.faults.fault import Fault
from callsheet.emulator.faults.kinds import STATUS, accepted_first
from callsheet.emulator.http.message import JSON_TYPE, LOST, Defect, Reply, json_reply
from callsheet.spec.values import map_leaves

Act = Callable[[], Awaitable[Reply]]
"""Gives the normal reply. Awaiting it accepts the request."""

HTML: Final = ("Content-Type", "text/html")
NGINX: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
PAGE: Final = b"<!doctype html><title>Sign in</title><p>Sign in to go on.</p>"
URLS: Final = {
    "other_host": "http://attacker.invalid/x",
    "private": "http://169.254.169.254/latest/meta-data/",
    "file": "file:///etc/passwd",
    "userinfo": "https://queue.fal.run@attacker.invalid/x",
}
URL: Final = re.compile(r"https?://")
DETAILS: Final = {
    401: "Unauthorized",
    402: "Payment required: add credits to your account",
    403: "Forbidden",
    404: "Not found",
    408: "Request timed out",
    429: "Too many requests",
}
LOCKED: Final = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FaultContext:
    """What a function that breaks a reply is given."""

    fault: Fault
    act: Act
    clock: Clock


Breaker = Callable[[FaultContext, Reply], Awaitable[Reply]]


async def break_reply(fault: Fault, act: Act, clock: Clock) -> Reply:
    """Return the broken reply. Where the fault lets the request be accepted, that happens first."""
    accepted = accepted_first(fault.kind) if fault.accepted is None else fault.accepted
    normal = await act() if accepted else Reply()
    if fault.kind in PLATFORM:
        return replace(normal, body=json.dumps(PLATFORM[fault.kind](_object(normal))).encode())
    breaker = BREAKERS.get(fault.kind, _status)
    return await breaker(FaultContext(fault, act, clock), normal)


async def _lost(_: FaultContext, __: Reply) -> Reply:
    return LOST


async def _slow(context: FaultContext, normal: Reply) -> Reply:
    await context.clock.sleep(context.fault.seconds)
    return normal


async def _slow_headers(context: FaultContext, normal: Reply) -> Reply:
    return replace(normal, defect=Defect(drip=context.clock.real(context.fault.seconds)))


async def _nginx(_: FaultContext, __: Reply) -> Reply:
    return Reply(502, NGINX, (HTML,))


async def _locked(_: FaultContext, __: Reply) -> Reply:
    return json_reply({"detail": LOCKED}, 403)


async def _invalid(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, body=b"{'status': IN_QUEUE}")


async def _empty(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, body=b"")


async def _half(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, body=normal.body[: len(normal.body) // 2])


async def _list(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, body=b'["IN_QUEUE"]')


async def _no_id(_: FaultContext, normal: Reply) -> Reply:
    data = {k: v for k, v in _object(normal).items() if k != "request_id"}
    headers = tuple(h for h in normal.headers if h[0].lower() != "x-fal-request-id")
    return replace(normal, body=json.dumps(data).encode(), headers=headers)


async def _hostile(context: FaultContext, normal: Reply) -> Reply:
    url = URLS.get(context.fault.url, context.fault.url)
    return replace(normal, body=json.dumps(_pointed_at(url, _object(normal))).encode())


def _pointed_at(url: str, value: object) -> object:
    """A JSON value with `url` in place of every URL."""
    return map_leaves(value, lambda leaf: url if isinstance(leaf, str) and URL.match(leaf) else leaf)


async def _redirect(context: FaultContext, _: Reply) -> Reply:
    return Reply(307, b"", (("Location", URLS.get(context.fault.url, context.fault.url)),))


async def _endless(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, chunks=_forever(normal.body))


async def _forever(start: bytes) -> AsyncIterator[bytes]:
    yield start[:-1] or b"{"
    while True:
        yield b" " * MIB
        await asyncio.sleep(0)


async def _bomb(_: FaultContext, normal: Reply) -> Reply:
    headers = (*normal.headers, ("Content-Encoding", "gzip"))
    return replace(normal, headers=headers, chunks=_gibibyte())


async def _gibibyte() -> AsyncIterator[bytes]:
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    spaces = b" " * MIB
    for _ in range(1024):
        if piece := press.compress(spaces):
            yield piece
        await asyncio.sleep(0)
    yield press.flush()


async def _skew(context: FaultContext, normal: Reply) -> Reply:
    context.clock.skew = context.fault.seconds
    return normal


async def _backwards(_: FaultContext, normal: Reply) -> Reply:
    data = {**_object(normal), "status": "IN_QUEUE", "queue_position": 7}
    return replace(normal, status=202, body=json.dumps(data).encode())


async def _unknown_status(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, body=json.dumps({**_object(normal), "status": "DREAMING"}).encode())


async def _gone(_: FaultContext, __: Reply) -> Reply:
    return json_reply({"detail": "Request not found"}, 404)


async def _truncated(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, defect=Defect(cut=len(normal.body) // 2))


async def _wrong_length(_: FaultContext, normal: Reply) -> Reply:
    return replace(normal, defect=Defect(claimed=len(normal.body) + 1000))


def _changed(change: Callable[[Reply, str], Reply]) -> Breaker:
    """A breaker that changes the normal reply, in the way that the fault's `how` names."""

    async def breaker(context: FaultContext, normal: Reply) -> Reply:
        return change(normal, context.fault.how)

    return breaker


async def _html(_: FaultContext, __: Reply) -> Reply:
    return Reply(200, PAGE, (HTML,))


def _object(reply: Reply) -> dict[str, Any]:
    """The reply's JSON object; an empty one for what is none, such as a file."""
    try:
        value = json.loads(reply.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def _status(context: FaultContext, _: Reply) -> Reply:
    """`http_NNN`: reply with that status; an error has a body in fal's words."""
    match = STATUS.match(context.fault.kind)
    status = int(match[1]) if match else 500
    wait = context.fault.retry_after
    headers = (("Retry-After", wait),) if wait is not None else ()
    detail = DETAILS.get(status) or _phrase(status)
    if not 400 <= status < 600:
        return Reply(status, b"" if status < 300 else PAGE, (HTML, *headers), defect=Defect())
    body = {"detail": detail, **({"error_type": "internal_error"} if status >= 500 else {})}
    return Reply(status, json.dumps(body).encode(), (JSON_TYPE, *headers))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


BREAKERS: Final[dict[str, Breaker]] = {
    "reset": _lost,
    "lost_reply": _lost,
    "slow_reply": _slow,
    "slow_headers": _slow_headers,
    "nginx_502": _nginx,
    "locked": _locked,
    "invalid_json": _invalid,
    "empty": _empty,
    "truncated_json": _half,
    "wrong_type": _list,
    "no_id": _no_id,
    "hostile_url": _hostile,
    "redirect": _redirect,
    "endless": _endless,
    "gzip_bomb": _bomb,
    "clock_skew": _skew,
    "backwards": _backwards,
    "unknown_status": _unknown_status,
    "gone": _gone,
    "truncated": _truncated,
    "wrong_length": _wrong_length,
    "html": _html,
    "packed": _changed(odd_files.packed),
    "part": _changed(odd_files.part),
    "other_medium": _changed(odd_files.other_medium),
    "unmeasured": _changed(odd_files.unmeasured),
    "odd_result": _changed(odd_results.odd_result),
}
