"""`check_queue` says what is wrong with a queue; `run_node` what is wrong with a node."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import NodeError, PlugInError
from callsheet.plugin import (
    Accepted,
    BeforeSend,
    HttpQueue,
    NotSent,
    Outcome,
    Outgoing,
    QueueResult,
    Refused,
    Status,
)
from callsheet.testing import check_queue, run_node
from callsheet.testing.contract import crashing, submitting

PACKAGE = Path(__file__).parents[2] / "examples" / "plugin"


@pytest.fixture
def inkwell(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The provider of the example, and its fake service."""
    monkeypatch.syspath_prepend(str(PACKAGE))
    monkeypatch.syspath_prepend(str(PACKAGE / "tests"))
    monkeypatch.setenv("INKWELL_KEY", "ink-0123456789")
    import inkwell.provider

    yield inkwell.provider
    for name in [name for name in sys.modules if name.split(".")[0] in ("inkwell", "fake_inkwell")]:
        del sys.modules[name]


def said(queue: Callable[[str], Any], inkwell: Any, monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    from fake_inkwell import FakeInkwell  # type: ignore[import-not-found]

    return "\n".join(check_queue(queue, inkwell.PICTURE, {"prompt": "a lighthouse"}, FakeInkwell))


def queue_with(inkwell: Any, **methods: Any) -> Callable[[str], Any]:
    """The queue of the example with other methods."""
    kind = type("Queue", (inkwell.InkwellQueue,), methods)
    return lambda url: kind(url, "INKWELL_KEY")


async def twice(self: HttpQueue, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
    """Sends it again when the first reply is of no use."""
    for _ in range(2):
        outcome = await self.post("/jobs", outgoing, before_send, lambda r: Accepted(r["job"]["id"]))
        if isinstance(outcome, Accepted):
            break
    return outcome


async def forgets(self: HttpQueue, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
    async def nothing() -> None: ...

    return await self.post("/jobs", outgoing, nothing, lambda r: Accepted(r["job"]["id"]))


async def late(self: HttpQueue, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
    outcome = await forgets(self, outgoing, before_send)
    await before_send()
    return outcome


async def raises(self: HttpQueue, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
    return await self.post("/jobs", outgoing, before_send, lambda r: 1 / 0)  # type: ignore[arg-type,return-value]


async def sure(self: HttpQueue, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
    outcome = await self.post("/jobs", outgoing, before_send, lambda r: Accepted(r["job"]["id"]))
    return outcome if isinstance(outcome, Accepted | Refused) else NotSent("no reply")


async def one_name(self: HttpQueue, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
    return await self.post("/jobs", outgoing, before_send, lambda r: Accepted("job-0"))


@pytest.mark.parametrize(
    ("submit", "sentence"),
    [
        (twice, "when the reply to the POST is lost: submit sent the POST 2 times; send it once"),
        (forgets, "submit did not await before_send(): a crash during the POST would leave no trace of it"),
        (forgets, "when before_send() raises: the POST was sent all the same"),
        (late, "submit awaited before_send() after the POST; it has to come before the first byte"),
        (raises, "submit raised ZeroDivisionError: division by zero; it returns a value, whatever happens"),
        (
            sure,
            "when the reply to the POST is lost: submit returned NotSent(message='no reply'); nobody knows",
        ),
        (one_name, "two equal requests have one request_id, 'job-0'"),
    ],
)
def test_what_is_wrong_with_a_submit_is_said(submit: Any, sentence: str, inkwell: Any) -> None:
    assert sentence in said(queue_with(inkwell, submit=submit), inkwell)


async def never(self: HttpQueue, endpoint: str, accepted: Accepted) -> Status:
    return await self.ask("GET", f"/jobs/{accepted.request_id}", lambda _: Status("running"))


async def own_word(self: HttpQueue, endpoint: str, accepted: Accepted) -> Status:
    return await self.ask("GET", f"/jobs/{accepted.request_id}", lambda r: Status.of({}, r["state"]))


async def failing(self: HttpQueue, endpoint: str, accepted: Accepted) -> Status:
    try:
        return await type(self).__mro__[1].status(self, endpoint, accepted)  # type: ignore[attr-defined,no-any-return]
    except Exception as error:
        raise KeyError("state") from error


async def no_json(self: HttpQueue, endpoint: str, accepted: Accepted) -> QueueResult:
    return QueueResult("<png>")


def other_outputs(self: HttpQueue, spec: object, raw: str, request_id: str) -> dict[str, object]:
    return {"image": json.loads(raw)["sheets"]}


async def finds_nothing(self: HttpQueue, endpoint: str, since: float) -> list[Any]:
    return []


@pytest.mark.parametrize(
    ("methods", "sentence"),
    [
        ({"status": never}, "status still does not say that the request is completed"),
        ({"status": own_word}, "status gave the service's word 'drawing'; say what it means"),
        ({"status": failing}, "when status is asked and the reply is 503: it raised KeyError: 'state'"),
        ({"result": no_json}, "the raw result is no JSON text: '<png>'"),
        ({"outputs": other_outputs}, "the result has no output 'picture' that outputs() can read"),
        ({"find": finds_nothing}, "recovery is 'listing', and find does not list request job-0"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(methods: Any, sentence: str, inkwell: Any) -> None:
    assert sentence in said(queue_with(inkwell, **methods), inkwell)


def test_a_second_request_after_a_crash_is_said(inkwell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that sends it again where nobody looks: whole calls tell."""

    async def result(self: HttpQueue, endpoint: str, accepted: Accepted) -> QueueResult:
        await self.ask("POST", "/jobs", lambda reply: reply, b"{}")
        return await type(self).__mro__[1].result(self, endpoint, accepted)  # type: ignore[attr-defined,no-any-return]

    async def nothing(*_: object) -> Any:
        return
        yield

    monkeypatch.setattr(submitting, "problems", nothing)
    monkeypatch.setattr("callsheet.testing.contract.asking.problems", nothing)
    monkeypatch.setattr(crashing, "MOST_STEPS", 1)
    words = said(queue_with(inkwell, result=result), inkwell)
    assert "when nothing goes wrong: the service took 2 requests for one result, and bills each" in words


def test_a_node_is_called_as_callsheet_does(inkwell: Any, tmp_path: Path) -> None:
    from inkwell.nodes import title_card  # type: ignore[import-not-found]

    assert run_node(title_card, {"title": "Dawn", "width": 64}, tmp_path)["image"] == tmp_path / "card.png"
    with pytest.raises(PlugInError, match=r"`width`: 1 is outside 16 to 4096; there is no parameter `size`"):
        run_node(title_card, {"title": "Dawn", "width": 1, "size": 3}, tmp_path)
    with pytest.raises(PlugInError, match="`title` is missing"):
        run_node(title_card, {}, tmp_path)

    def untold(title: str) -> str:
        raise RuntimeError(title)

    with pytest.raises(NodeError, match="test/untold raised RuntimeError: no"):
        run_node(untold, {"title": "no"}, tmp_path)
