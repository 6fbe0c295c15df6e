"""The step that costs money: one POST, announced before its first byte; its outcome says what is certain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.queue.protocol import Accepted, Ambiguous, NotSent, Outcome, Refused
from callsheet.testing.contract import service as faults
from callsheet.testing.contract.service import Fault, Service, free_port
from callsheet.testing.contract.subject import Hook, Subject

IN_DOUBT: Final = "nobody knows whether the service took the request, so return Ambiguous"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with a submit. right: the outcomes that are true then. why: said of any other one.
    stop: what `Refused` has to say of all other requests, too."""

    name: str
    fault: Fault
    right: tuple[type, ...]
    why: str
    stop: str = ""


TROUBLES: Final[Sequence[Trouble]] = (
    Trouble("the reply to the POST is lost", faults.no_reply, (Ambiguous,), IN_DOUBT),
    Trouble("the connection ends before a reply", faults.never_arrives, (Ambiguous,), IN_DOUBT),
    Trouble("the reply is a web page", faults.web_page, (Ambiguous,), IN_DOUBT),
    Trouble("the reply breaks off", faults.cut, (Ambiguous,), IN_DOUBT),
    Trouble("the reply is {}", faults.empty, (Ambiguous,), IN_DOUBT),
    Trouble("the reply is 500", faults.status(500), (Ambiguous,), IN_DOUBT),
    Trouble("the reply is 502", faults.status(502), (Ambiguous,), IN_DOUBT),
    Trouble("the reply is 503", faults.status(503), (Ambiguous, Refused), IN_DOUBT),
    Trouble("the reply is 504", faults.status(504), (Ambiguous,), IN_DOUBT),
    Trouble("the reply is 307", faults.status(307, Location="/elsewhere"), (Ambiguous, Refused), IN_DOUBT),
    Trouble("the reply is 401", faults.status(401), (Refused,), "return Refused with stop='auth'", "auth"),
    Trouble("the reply is 402", faults.status(402), (Refused,), "return Refused with stop='funds'", "funds"),
    Trouble("the reply is 422", faults.status(422), (Refused,), "return Refused, kind 'rejected'"),
    Trouble(
        "the reply is 429",
        faults.status(429, Retry_After="7"),
        (Refused,),
        "return Refused, kind 'unavailable', so that it is sent again later",
    ),
)


async def problems(subject: Subject) -> AsyncIterator[str]:
    """What is wrong with `submit`, in sentences."""
    async for said in _announced(subject):
        yield said
    async for said in _vetoed(subject):
        yield said
    async for said in _unreachable(subject):
        yield said
    async for said in _told_apart(subject):
        yield said
    for trouble in TROUBLES:
        with subject.reached() as service:
            service.fault = service.on_submits(trouble.fault)
            async for said in _troubled(subject, service, trouble):
                yield f"when {trouble.name}: {said}"


async def _announced(subject: Subject) -> AsyncIterator[str]:
    with subject.reached() as service:
        queue, hook = subject.queue(service.url), Hook(service)
        try:
            outcome = await subject.submitted(queue, hook)
        except Exception as error:
            yield f"submit raised {words(error)}; it returns a value, whatever happens"
            return
        finally:
            await queue.close()
        if not isinstance(outcome, Accepted):
            took = f"the service took {service.accepted} requests"
            yield f"without any fault, submit returned {outcome}; {took}"
            return
        if not hook.seen:
            yield "submit did not await before_send(): a crash during the POST would leave no trace of it"
        elif hook.seen[0]:
            yield "submit awaited before_send() after the POST; it has to come before the first byte"
        if service.submitted != 1:
            yield f"submit sent {service.submitted} requests that cost money, instead of one"
        if not outcome.request_id:
            yield "Accepted has no request_id: nothing can be asked about the request after a crash"


async def _vetoed(subject: Subject) -> AsyncIterator[str]:
    """What `before_send` raises stops the POST, and comes out of `submit`."""
    veto = Veto("this request must not be sent")
    with subject.reached() as service:
        queue, outcome = subject.queue(service.url), None
        try:
            outcome = await subject.submitted(queue, Hook(service, veto))
        except Veto:
            pass
        except Exception as error:
            yield f"when before_send() raises: submit raised {words(error)} instead of that error"
        finally:
            await queue.close()
        if outcome is not None:
            yield f"when before_send() raises: submit returned {outcome}; let the error through"
        if service.submitted:
            yield "when before_send() raises: the POST was sent all the same"


async def _unreachable(subject: Subject) -> AsyncIterator[str]:
    with subject.reached() as service:
        there = subject.queue(service.url)
        outgoing = await subject.outgoing(there)
        await there.close()
    queue = subject.queue(free_port())
    try:
        outcome = await queue.submit(outgoing, Hook())
    except Exception as error:
        yield f"when the service cannot be reached: submit raised {words(error)}; return NotSent"
        return
    finally:
        await queue.close()
    if not isinstance(outcome, NotSent):
        wrong = f"submit returned {outcome}; nothing was sent, so return NotSent"
        yield f"when the service cannot be reached: {wrong}"


async def _told_apart(subject: Subject) -> AsyncIterator[str]:
    with subject.reached() as service:
        queue = subject.queue(service.url)
        try:
            both = [await subject.submitted(queue, Hook()) for _ in range(2)]
        except Exception:  # said by the first test already
            return
        finally:
            await queue.close()
    ids = {outcome.request_id for outcome in both if isinstance(outcome, Accepted)}
    if len(ids) == 1 and all(isinstance(outcome, Accepted) for outcome in both):
        one = ids.pop()
        yield f"two equal requests have one request_id, {one!r}: the second would get the first one's result"


async def _troubled(subject: Subject, service: Service, trouble: Trouble) -> AsyncIterator[str]:
    queue = subject.queue(service.url)
    try:
        outcome: Outcome = await subject.submitted(queue, Hook(service))
    except Exception as error:
        yield f"submit raised {words(error)}; {trouble.why}"
        return
    finally:
        await queue.close()
    if service.submitted > 1:
        yield f"submit sent the POST {service.submitted} times; send it once, and never again"
    if any(request.path == "/elsewhere" for request in service.requests):
        yield "submit followed the redirect; the request and the key would go to another server"
    if not isinstance(outcome, trouble.right):
        yield f"submit returned {outcome}; {trouble.why}"
    elif isinstance(outcome, Refused):
        if trouble.stop and outcome.stop != trouble.stop:
            yield f"Refused has stop={outcome.stop!r}: every other request is refused, too; {trouble.why}"
        if trouble.name.endswith("429") and outcome.kind != "unavailable":
            yield f"Refused has the kind {outcome.kind!r}; {trouble.why}"


class Veto(Exception):
    """What `before_send` raises in a test."""


def words(error: BaseException) -> str:
    """`KeyError: 'id'`."""
    return f"{type(error).__name__}: {error}"
