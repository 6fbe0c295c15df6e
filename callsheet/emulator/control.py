"""`/_callsheet/…`: the emulator's own routes, for tests. They need no key and have no faults."""

from __future__ import annotations

from typing import Any

from callsheet.emulator.call import Call
from callsheet.emulator.faults.fault import Armed, fault_from, parse_faults
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.errors import InputError


async def health(_: Call) -> Reply:
    return json_reply({"ok": True})


async def journal(call: Call) -> Reply:
    """Every paid POST and what was accepted; `?all=1` gives the other requests too."""
    book = call.state.journal
    accepted = [post.request_id for post in book.posts if post.accepted]
    body: dict[str, Any] = {"posts": [post.to_json() for post in book.posts], "accepted": accepted}
    if call.request.asked("all") in ("1", "true"):
        body["requests"] = [entry.to_json() for entry in book.requests]
    return json_reply(body)


async def arm(call: Call) -> Reply:
    """Add faults: one mapping, a list of them, or `{"fault": "submit:lost_reply,nth=3"}`."""
    asked = call.request.json()
    for item in asked if isinstance(asked, list) else [asked]:
        if not isinstance(item, dict):
            raise Refusal(400, "a fault is an object like {'kind': 'lost_reply', 'nth': 3}")
        try:
            faults = parse_faults(str(item["fault"])) if "fault" in item else (fault_from(item),)
        except InputError as error:
            raise Refusal(400, f"{error.message}. {error.next_step}") from error
        for fault in faults:
            call.state.faults.arm(fault)
    return await armed(call)


async def armed(call: Call) -> Reply:
    """The faults that are active, how many calls matched each, and how many calls it hit."""
    return json_reply([_state(armed) for armed in call.state.faults.armed])


def _state(armed: Armed) -> dict[str, Any]:
    fault = armed.fault
    place = {"kind": fault.kind, "on": fault.on, "endpoint": fault.endpoint}
    return {**place, "met": armed.met, "fired": armed.fired}


async def disarm(call: Call) -> Reply:
    call.state.faults.clear()
    return json_reply([])


async def reset(call: Call) -> Reply:
    """Forget every request, file and later fault."""
    call.state.reset()
    return json_reply({"ok": True})
