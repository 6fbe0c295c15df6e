"""Requests to the other providers behind the router: what their replies mean."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.http import lenient
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.message import Reply
from callsheet.nodes.huggingface.model import Served, model
from callsheet.nodes.huggingface.served import FORMS, Form, Path, at
from callsheet.nodes.queue.failure import Failure, failure_in, printable
from callsheet.nodes.queue.progress import STATES, error_in, model_failure
from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    Ambiguous,
    QueueError,
    QueueResult,
    Refused,
    Status,
)
from callsheet.nodes.queue.replies import kept_text
from callsheet.nodes.queue.route import REQUEST_ID
from callsheet.spec.web_origin import Origin

LOADING: Final = "run again in a minute, or give the node x-wait-for-model: true"

Said = Accepted | Ambiguous | Refused
"""What the reply to a submit means."""


@dataclass(frozen=True, slots=True)
class Job:
    """A request that a provider works on. url: where the router tells about it."""

    provider: str
    form: Form
    id: str
    url: str


def form_of(served: Served, uses: str) -> Form | None:
    """The form of the provider that serves `uses`, None for fal, which has its own route."""
    return FORMS.get(served.provider, {}).get(model(uses).task)


def job_at(router: Origin, accepted: Accepted) -> Job | None:
    """The job of a request that another provider than fal took, None for fal's."""
    for provider, forms in FORMS.items():
        for form in forms.values():
            url = f"{router}/{provider}{form.poll.format(id=accepted.request_id)}"
            if form.poll and accepted.status_url == url:
                return Job(provider, form, accepted.request_id, url)
    return None


def answered(raw: str) -> Accepted:
    """A request whose reply was the result. raw: the node's outputs as JSON."""
    return Accepted(f"reply-{uuid.uuid4().hex}", "", IN_REPLY, "", raw)


def outcome_in(reply: Reply, served: Served, uses: str, router: Origin) -> Said | None:
    """The meaning of a reply to a submit; None where it means what the same reply of fal means."""
    form = form_of(served, uses)
    if form is None:
        return None
    if served.provider == "hf-inference" and reply.status == 503 and b"estimated_time" in reply.body:
        words = printable(failure_in(reply).words)
        return Refused("unavailable", f"the model is being loaded: {words}", 503, next_step=LOADING)
    if not 200 <= reply.status < 300:
        return None
    try:
        _, body = lenient.read(reply)
    except BodyError as flaw:
        return _ambiguous(reply, served, f"but the reply {flaw}")
    if (made := _outputs(body, form.output, model(uses).task)) is not None:
        return answered(made)
    named = at(body, form.job) if form.job else None
    if isinstance(named, str) and REQUEST_ID.match(named):
        url = f"{router}/{served.provider}{form.poll.format(id=named)}"
        return Accepted(named, url, url, "", kept_text(reply))
    return _ambiguous(reply, served, "but with no result and no usable id")


def _ambiguous(reply: Reply, served: Served, but: str) -> Ambiguous:
    said = f"{served.provider} answered {reply.status}, {but}"
    return Ambiguous(said, kept_text(reply))


def status_in(job: Job, reply: Reply) -> Status:
    """The state of a job. Raises QueueError."""
    body = _body(job, reply)
    word = str(at(body, job.form.state) or "").strip()
    state = STATES.get(word.upper())
    if state is None:
        return Status("running", word=printable(word)[:60] or "no status")
    return Status(state, failure=_why(job, body) if state == "failed" else "")


def result_in(job: Job, reply: Reply, task: str) -> QueueResult:
    """The result of a job. Raises QueueError; ModelFailed where the provider says that the job failed."""
    body = _body(job, reply)
    if STATES.get(str(at(body, job.form.state)).upper()) == "failed":
        said = Failure(_why(job, body), about_request=True, certain=True)
        raise model_failure(said, reply.status, job.id)
    made = _outputs(body, job.form.output, task)
    if made is None:
        missing = f"{job.provider} gives no result for request {job.id} yet"
        raise QueueError(missing, "unavailable", passing=True)
    return QueueResult(made, served_from=job.provider)


def _body(job: Job, reply: Reply) -> object:
    if not 200 <= reply.status < 300:
        raise error_in(reply, job.id)
    try:
        _, value = lenient.read(reply)
        return value
    except BodyError as flaw:
        raise QueueError(f"the reply about request {job.id} {flaw}", "unavailable", passing=True) from None


def _why(job: Job, body: object) -> str:
    said = at(body, job.form.error) or at(body, job.form.error[:1])
    return printable(said if isinstance(said, str) else json.dumps(said)) if said else "it gives no reason"


def _outputs(body: object, output: Path, task: str) -> str | None:
    """The node's outputs as JSON, where the medium is in the body; None where it is not there yet."""
    found = at(body, output) if output else None
    if isinstance(found, list):
        found = found[0] if found else None
    if not isinstance(found, str) or not found:
        return None
    where = f"data:image/png;base64,{found}" if output[-1] == "b64_json" else found
    return json.dumps({task.rpartition("-to-")[2]: where})
