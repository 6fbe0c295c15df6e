"""A paid queue, as the runtime sees it: one POST, and everything around it that may be repeated.

Submitting is the only step that costs money, so its outcome is a value, never an exception:

    Accepted     the provider has it: request id and its URLs
    Refused      provably not accepted (a refusal such as 401, 402, 403, 422, 429)
    NotSent      provably not sent (no connection, name not found)
    Ambiguous    cannot know: reply lost, time out, 5xx, an unreadable 2xx

All other methods may be repeated freely and raise `QueueError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

from callsheet.errors import Kind, NodeError
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import MediaKind

if TYPE_CHECKING:
    from callsheet.nodes.queue.request_body import MediaUrls

Recovery = Literal["listing", "none"]
"""How a lost submit can be found again: by the provider's request listing, or not at all."""

BeforeSend = Callable[[], Awaitable[None]]
"""Awaited when the connection is open, before the first byte of the POST. When it raises, nothing is sent."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A frozen paid request: `body` is the exact JSON text that is sent and journaled. webhook: the URL that
    the provider is asked to call when the request is over, "" for none; a queue that cannot pass it on leaves
    it out. address: the instance that asks, for what is shown; it is no part of the request."""

    endpoint: str
    body: str
    webhook: str = ""
    address: str = ""


IN_REPLY: Final = "reply:"
"""A `response_url` that says: the reply to the submit is the result, and there is nothing to ask for."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the request. The URLs are kept with it, for a queue that asks by them instead of the
    id. `raw` is its reply, kept for support, or with IN_REPLY as the result."""

    request_id: str
    status_url: str = ""
    response_url: str = ""
    cancel_url: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not accepted, certainly. `status` is the HTTP status; `retry_after` seconds, when it said so.

    stop: what this means for every other submit to the provider: "auth" (401, 403), "funds" (402,
    locked account), or "" when it concerns this request alone.
    """

    kind: Kind
    message: str
    status: int
    retry_after: float | None = None
    stop: Literal["", "auth", "funds"] = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left this machine."""

    message: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody here knows whether the request was accepted. `request_id` is a hint from a header, if any."""

    message: str
    raw: str = ""
    request_id: str = ""


Outcome = Accepted | Refused | NotSent | Ambiguous


State = Literal["queued", "running", "completed", "failed"]
"""Where an accepted request is."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where an accepted request is. `position` counts from 0 while queued.

    failure: what the provider says of a request that failed, with "completed" or "failed"; "" for nothing.
    word: the provider's own word where callsheet does not know it; the request then counts as running.
    """

    state: State
    position: int | None = None
    logs: Sequence[str] = ()
    failure: str = ""
    word: str = ""

    @classmethod
    def of(cls, states: Mapping[str, State], word: str, failure: str = "") -> Status:
        """What a provider's own `word` means. states: word → state, for the words that are known. failure:
        what it says of a request that failed."""
        state = states.get(word)
        return cls("running", word=word or "no status") if state is None else cls(state, failure=failure)


@dataclass(frozen=True, slots=True)
class QueueResult:
    """The outcome of a completed request: raw JSON text, what was billed and who served it."""

    raw: str
    billable_units: float | None = None
    served_from: str = ""


@dataclass(frozen=True, slots=True)
class Remote:
    """A media file of a result, at `url` (https, or a data URI), to be fetched with `Queue.download`."""

    kind: MediaKind
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """A request in the provider's listing. Times are seconds since the epoch."""

    request_id: str
    endpoint: str
    sent_at: float
    body: Mapping[str, object] = field(default_factory=dict)


class QueueError(NodeError):
    """A poll, result, download or look-up failed. What was accepted stays paid, and to be fetched.

    passing: asking again may well help. gone: what was asked for is not there. Neither: the reply cannot be
    used; when the same comes again and again, a run leaves it to a later one. alike: what makes two such
    replies the same, by default the message.
    """

    def __init__(
        self,
        message: str,
        kind: Kind,
        next_step: str = "",
        *,
        passing: bool = False,
        gone: bool = False,
        retry_after: float | None = None,
        alike: str = "",
    ) -> None:
        super().__init__(message, kind, next_step)
        self.alike = alike or message
        self.passing = passing
        self.gone = gone
        self.retry_after = retry_after


class ModelFailed(QueueError):
    """The provider says that the model failed or refused: the only error that ends an accepted request.

    certain: no gateway in between can have said so; otherwise the provider is asked again before it is
    believed.
    """

    def __init__(self, message: str, kind: Kind, next_step: str = "", *, certain: bool = True) -> None:
        super().__init__(message, kind, next_step)
        self.certain = certain


class Queue(Protocol):
    """The requests to one provider."""

    name: str
    recovery: Recovery

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        """Exactly one POST, never repeated here; raises nothing but what `before_send` raises."""
        ...

    async def status(self, endpoint: str, accepted: Accepted) -> Status: ...

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        """The raw result. Raises QueueError: ModelFailed with the kind of the model's own failure."""
        ...

    async def cancel(self, endpoint: str, accepted: Accepted) -> None: ...

    async def upload(self, path: Path) -> str:
        """The URL under which the provider can fetch the file."""
        ...

    async def download(self, url: str, to: Path) -> None:
        """Fetch one result file to `to` (capped, complete, no credentials sent)."""
        ...

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        """The requests to `endpoint` sent since a time, newest first."""
        ...

    def provider_time(self) -> float | None:
        """Seconds since the epoch by the provider's own clock, as far as its replies told; None if they did
        not."""
        ...

    async def close(self) -> None: ...


class ProviderQueue(Queue, Protocol):
    """A queue that also turns a node's parameters into a request, and a result into the node's outputs."""

    async def outgoing(self, spec: NodeSpec, params: Mapping[str, object], media: MediaUrls) -> Outgoing:
        """The request of a node, as it will be sent. Parameters hold media as `Artifact`; `media` gives each
        one a URL. Raises NodeError."""
        ...

    def outputs(self, spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        """The node's outputs in a raw result, `Remote` where media is. Raises QueueError."""
        ...

    async def is_there(self, url: str) -> bool:
        """Whether a file that was uploaded earlier can still be fetched at `url`; False when in doubt."""
        ...
