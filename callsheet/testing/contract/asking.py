"""What may be asked again: status, result, files, cancel. Whatever comes, what was accepted stays paid."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    ModelFailed,
    ProviderQueue,
    QueueError,
    QueueResult,
    Remote,
)
from callsheet.spec.receive import Unfit
from callsheet.spec.types import Maybe
from callsheet.spec.values import leaves
from callsheet.testing.contract import service as faults
from callsheet.testing.contract.service import Fault
from callsheet.testing.contract.subject import NotTaken, Subject
from callsheet.testing.contract.submitting import words

MOST_POLLS: Final = 50
Ask = Callable[[ProviderQueue, str, Accepted], Awaitable[object]]
ASKED: Final[dict[str, Ask]] = {
    "status": lambda queue, endpoint, accepted: queue.status(endpoint, accepted),
    "result": lambda queue, endpoint, accepted: queue.result(endpoint, accepted),
    "cancel": lambda queue, endpoint, accepted: queue.cancel(endpoint, accepted),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with a question. passing, gone: what the QueueError has to say; None where both is
    right."""

    name: str
    fault: Fault
    passing: bool | None = None
    gone: bool | None = None


TROUBLES: Final[Sequence[Trouble]] = (
    Trouble("no reply comes", faults.never_arrives, passing=True),
    Trouble("the reply is 503", faults.status(503), passing=True),
    Trouble("the reply is 429", faults.status(429, Retry_After="7"), passing=True),
    Trouble("the reply is 401", faults.status(401)),
    Trouble("the reply is 404", faults.status(404), gone=True),
    Trouble("the reply is a web page", faults.web_page),
    Trouble("the reply breaks off", faults.cut),
)


async def problems(subject: Subject) -> AsyncIterator[str]:
    """What is wrong with status, result, cancel and the reading of results, in sentences."""
    wrong = [said async for said in _whole(subject)]
    for said in wrong:
        yield said
    if wrong:  # every other question would say the same again
        return
    async for said in _listed(subject):
        yield said
    for question in ASKED:
        for trouble in TROUBLES:
            if said := await _asked(subject, question, trouble):
                yield f"when {question} is asked and {trouble.name}: {said}"


async def _asked(subject: Subject, question: str, trouble: Trouble) -> str:
    """What is wrong with the answer to a question about a request that is over; "" for nothing."""
    endpoint = subject.spec.uses
    with subject.reached() as service:
        queue = subject.queue(service.url)
        try:
            accepted = await subject.accepted(queue)
            if accepted.response_url == IN_REPLY:
                return ""
            await _until_over(subject, queue, accepted)
            before, service.fault = len(service.requests), trouble.fault
            said = await _troubled(ASKED[question](queue, endpoint, accepted), question, trouble)
            return said if len(service.requests) > before else ""
        except (NotTaken, QueueError):  # said by the first test already
            return ""
        finally:
            await queue.close()


async def _whole(subject: Subject) -> AsyncIterator[str]:
    """A request from its POST to its files, without any fault."""
    with subject.reached() as service, TemporaryDirectory() as folder:
        queue = subject.queue(service.url)
        try:
            accepted = await subject.accepted(queue)
            said = await _until_over(subject, queue, accepted)
            if said:
                yield said
                return
            result = await queue.result(subject.spec.uses, accepted)
            await queue.result(subject.spec.uses, accepted)
            async for said in _read(subject, queue, result, accepted, Path(folder)):
                yield said
            with suppress(QueueError):
                await queue.cancel(subject.spec.uses, accepted)
        except NotTaken:
            return
        except Exception as error:
            yield f"without any fault, the queue raised {words(error)}"
        finally:
            await queue.close()


async def _until_over(subject: Subject, queue: ProviderQueue, accepted: Accepted) -> str:
    """Ask until the request is over; what is wrong with that."""
    if accepted.response_url == IN_REPLY:
        return ""
    for _ in range(MOST_POLLS):
        status = await queue.status(subject.spec.uses, accepted)
        if status.word:
            return f"status gave the service's word {status.word!r}; say what it means: queued, running, …"
        if status.state == "completed":
            return ""
        if status.state == "failed":
            return f"status says that the request failed: {status.failure}"
    return f"after {MOST_POLLS} questions, status still does not say that the request is completed"


async def _read(
    subject: Subject,
    queue: ProviderQueue,
    result: QueueResult,
    accepted: Accepted,
    folder: Path,
) -> AsyncIterator[str]:
    """What is wrong with a result, its outputs and its files."""
    try:
        json.loads(result.raw)
    except (TypeError, ValueError):
        yield f"the raw result is no JSON text: {str(result.raw)[:80]!r}"
        return
    found = queue.outputs(subject.spec, result.raw, accepted.request_id)
    for name, t in subject.spec.outputs.items():
        if name not in found and not isinstance(t, Maybe):
            yield f"the result has no output {name!r} that outputs() can read; it has {sorted(found)}"
    for flaw in leaves(found, Unfit):
        yield f"an output {flaw.reason}; a test server has to be in Files(trusted={{origin_of(url)}})"
    for number, remote in enumerate(leaves(found, Remote)):
        try:
            await queue.download(remote.url, folder / str(number))
        except Exception as error:
            yield f"download of {remote.url[:80]} raised {words(error)}"
            continue
        if not (folder / str(number)).is_file():
            yield f"download of {remote.url[:80]} wrote no file"


async def _listed(subject: Subject) -> AsyncIterator[str]:
    """A queue that says that it lists requests has to list one that was accepted."""
    with subject.reached() as service:
        queue = subject.queue(service.url)
        try:
            if queue.recovery != "listing":
                return
            accepted = await subject.accepted(queue)
            found = await queue.find(subject.spec.uses, 0.0)
        except NotTaken:
            return
        except Exception as error:
            yield f"recovery is 'listing', and find raised {words(error)}"
            return
        finally:
            await queue.close()
    if accepted.request_id not in {one.request_id for one in found}:
        lost = accepted.request_id
        yield f"recovery is 'listing', and find does not list request {lost}, which was accepted"


async def _troubled(answer: Awaitable[object], question: str, trouble: Trouble) -> str:
    try:
        await answer
    except ModelFailed:
        return "it raised ModelFailed, which gives up what was paid; raise QueueError"
    except QueueError as error:
        if trouble.gone and not error.gone and question != "cancel":
            return "QueueError has gone=False; say gone=True, so that the result is looked for"
        if trouble.passing and not error.passing:
            return "QueueError has passing=False; say passing=True, so that it is asked again soon"
        return ""
    except Exception as error:
        return f"it raised {words(error)}; raise QueueError"
    if question == "cancel":
        return ""
    return "it raised nothing; raise QueueError"
