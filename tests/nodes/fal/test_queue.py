"""The protocol of fal, on a good day and when a model says no."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import InputError, NodeError
from callsheet.nodes.fal import hosts
from callsheet.nodes.fal.queue import FalQueue
from callsheet.nodes.queue.protocol import Accepted, Ambiguous, NotSent, Outgoing, QueueError, Refused
from callsheet.nodes.queue.redacted import RedactedQueue
from callsheet.spec.web_origin import Origin, origin_of

ENDPOINT = "fal-ai/veo3.1/fast/image-to-video"
APP = "fal-ai/veo3.1"
ID = "551a-4f"
KEY = "canary-key-id:canary-key-secret"
Web = Any
Action = Callable[[FalQueue], Awaitable[object]]


async def nothing() -> None: ...


def accepted(url: str = "") -> Accepted:
    place = f"{url}/{APP}/requests/{ID}"
    return Accepted(ID, f"{place}/status", place, f"{place}/cancel")


def ask(web: Web, answer: Any, action: Action) -> tuple[Any, Any]:
    """What `action` gives or raises, and the server."""

    async def scenario() -> tuple[Any, Any]:
        async with web.loopback(answer) as server:
            environ = {"FAL_KEY": KEY, "TOKEN": "canary-token"}
            queue = FalQueue(hosts.at(origin_of(server.url)), environ)
            queue = RedactedQueue(queue, lambda: (KEY,), environ)
            try:
                return await action(queue), server
            except QueueError as error:
                return error, server
            finally:
                await queue.close()

    return asyncio.run(scenario())


def submit(body: str = '{"prompt":"x"}') -> Action:
    return lambda queue: queue.submit(Outgoing(ENDPOINT, body), nothing)


def test_a_submit_goes_to_the_whole_id_and_the_rest_to_the_application(web: Web) -> None:
    outcome, server = ask(web, web.json({"request_id": ID, "status": "IN_QUEUE"}), submit())
    (post,) = server.seen
    assert (post.method, post.target) == ("POST", f"/{ENDPOINT}")
    assert post.headers["authorization"] == f"Key {KEY}"
    assert post.headers["x-app-fal-disable-fallback"] == "true"
    assert "x-fal-no-retry" not in post.headers
    assert post.json() == {"prompt": "x"}
    place = f"{server.url}/{APP}/requests/{ID}"
    assert outcome == Accepted(ID, f"{place}/status", place, f"{place}/cancel", outcome.raw)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{other}/fal-ai/veo3.1/requests/551a-4f/status",
        "https://evil.example/fal-ai/veo3.1/requests/551a-4f/status",
        "https://user:pass@queue.fal.run/fal-ai/veo3.1/requests/551a-4f/status",
        "http://127.0.0.1:{own}/fal-ai/veo3.1/requests/another/status",
        "http://127.0.0.1:{own}/a/../requests/551a-4f/status",
        "http://127.0.0.1:{own}@127.0.0.1:{other}/requests/551a-4f/status",
        "file:///requests/551a-4f/status",
        "",
        None,
        7,
    ],
)
@pytest.mark.parametrize("field", ["status_url", "response_url", "cancel_url"])
def test_the_key_goes_to_no_url_but_the_providers_own(url: object, field: str, web: Web) -> None:
    async def scenario() -> tuple[Any, Any]:
        async with web.loopback(web.json({})) as foreign, web.loopback(None) as server:
            given = url.format(own=server.port, other=foreign.port) if isinstance(url, str) else url
            body = {"request_id": ID, "status": "IN_QUEUE", field: given}
            server.answer = web.json(body)
            queue = FalQueue(hosts.at(origin_of(server.url)), {"FAL_KEY": KEY})
            taken = await queue.submit(Outgoing(ENDPOINT, "{}"), nothing)
            assert isinstance(taken, Accepted)
            for step in (queue.status, queue.result, queue.cancel):
                await step(ENDPOINT, taken)
            forged = Accepted(ID, *[str(given)] * 3)
            for step in (queue.status, queue.result, queue.cancel):
                await step(ENDPOINT, forged)
            await queue.close()
            return server, foreign

    server, foreign = asyncio.run(scenario())
    assert not foreign.seen
    expected = [f"/{ENDPOINT}", *[f"/{APP}/requests/{ID}{end}" for end in ("/status", "", "/cancel")] * 2]
    assert [seen.target for seen in server.seen] == expected


def test_before_send_comes_when_the_connection_is_open_and_may_stop_it(web: Web) -> None:
    class Full(Exception): ...

    async def scenario() -> tuple[list[int], Any]:
        seen: list[int] = []
        async with web.loopback(web.json({"request_id": ID})) as server:
            queue = FalQueue(hosts.at(origin_of(server.url)), {"FAL_KEY": KEY})

            async def refuse() -> None:
                seen.append(len(server.seen))
                raise Full

            with pytest.raises(Full):
                await queue.submit(Outgoing(ENDPOINT, "{}"), refuse)
            await asyncio.sleep(0.05)
            seen.append(len(server.seen))
            after = await queue.submit(Outgoing(ENDPOINT, "{}"), nothing)
            await queue.close()
            return seen, after

    seen, after = asyncio.run(scenario())
    assert seen == [0, 0]
    assert isinstance(after, Accepted)


def test_the_backup_is_used_only_when_nothing_was_sent(web: Web) -> None:
    async def scenario(first: Any) -> tuple[Any, int, int]:
        async with web.loopback(first) as one, web.loopback(web.json({"request_id": ID})) as two:
            origins = (origin_of(one.url), origin_of(two.url))
            if first is None:
                origins = (Origin("http", "127.0.0.1", 1), origins[1])
            at = hosts.Hosts(origins, origins[0], origins, origins[0], frozenset(origins))
            queue = FalQueue(at, {"FAL_KEY": KEY}, submit_seconds=0.3)
            outcome = await queue.submit(Outgoing(ENDPOINT, "{}"), nothing)
            await queue.close()
            return outcome, one.posts(), two.posts()

    async def lost(seen: object, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        raise ConnectionResetError

    outcome, one, two = asyncio.run(scenario(None))
    assert isinstance(outcome, Accepted) and (one, two) == (0, 1)
    outcome, one, two = asyncio.run(scenario(lost))
    assert isinstance(outcome, Ambiguous) and (one, two) == (1, 0)
    outcome, one, two = asyncio.run(scenario(web.json({"detail": "no"}, 502)))
    assert isinstance(outcome, Ambiguous) and (one, two) == (1, 0)


@pytest.mark.parametrize("environ", [{}, {"FAL_KEY": " "}, {"FAL_KEY_ID": "a"}])
def test_without_a_key_nothing_is_sent(environ: dict[str, str]) -> None:
    queue = FalQueue(hosts.at(Origin("http", "127.0.0.1", 1)), environ)
    outcome = asyncio.run(queue.submit(Outgoing(ENDPOINT, "{}"), nothing))
    assert isinstance(outcome, Refused)
    assert (outcome.stop, outcome.kind) == ("auth", "rejected")
    assert "FAL_KEY" in outcome.message
    assert "--preview" in outcome.next_step
    with pytest.raises(NodeError, match="FAL_KEY"):
        queue.require_key()


def test_a_key_in_two_halves_and_one_that_cannot_be_one() -> None:
    halves = FalQueue(environ={"FAL_KEY_ID": "id", "FAL_KEY_SECRET": "secret"})
    assert halves.route.credential.read() == "Key id:secret"
    with pytest.raises(NodeError) as caught:
        FalQueue(environ={"FAL_KEY": "canary\r\nHost: x"}).require_key()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "stop", "kind"),
    [
        (401, {"detail": "Unauthorized"}, "auth", "rejected"),
        (403, {"detail": "User is locked. Reason: Exhausted balance."}, "funds", "rejected"),
        (402, {"detail": "Payment required"}, "funds", "rejected"),
        (403, {"detail": "Forbidden"}, "auth", "rejected"),
        (404, {"detail": "Application not found"}, "", "rejected"),
        (
            422,
            {"detail": [{"loc": ["body", "duration"], "msg": "not one of 4s, 6s", "type": "enum"}]},
            "",
            "rejected",
        ),
        (429, {"detail": "too many"}, "", "unavailable"),
    ],
)
def test_what_a_refusal_means(status: int, body: object, stop: str, kind: str, web: Web) -> None:
    outcome, _ = ask(web, web.json(body, status), submit())
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.stop, outcome.kind) == (status, stop, kind)
    if status == 422:
        assert "duration: not one of 4s, 6s (enum)" in outcome.message


@pytest.mark.parametrize(("text", "seconds"), [("7", 7.0), ("-5", 0.0), ("1e99", 3600.0), ("soon", None)])
def test_how_long_to_wait(text: str, seconds: float | None, web: Web) -> None:
    outcome, _ = ask(web, web.json({}, 429, retry_after=text), submit())
    assert outcome.retry_after == seconds


def test_an_unreadable_acceptance_keeps_the_hint(web: Web) -> None:
    outcome, _ = ask(web, web.reply(200, b"{oops", x_fal_request_id=ID), submit())
    assert isinstance(outcome, Ambiguous)
    assert (outcome.raw, outcome.request_id) == ("{oops", ID)


@pytest.mark.parametrize(
    ("code", "body", "state", "position"),
    [
        (202, {"status": "IN_QUEUE", "queue_position": 3}, "queued", 3),
        (202, {"status": "IN_QUEUE", "queue_position": -1}, "queued", None),
        (202, {"status": "IN_PROGRESS", "logs": [{"message": "50 %"}, 7]}, "running", None),
        (200, {"status": "COMPLETED", "error": "x", "error_type": "y"}, "completed", None),
    ],
)
def test_where_a_request_is(code: int, body: object, state: str, position: int | None, web: Web) -> None:
    status, server = ask(web, web.json(body, code), lambda q: q.status(ENDPOINT, accepted()))
    assert (status.state, status.position) == (state, position)
    assert server.seen[0].target == f"/{APP}/requests/{ID}/status"


def list_error(kind: str, **more: object) -> dict[str, object]:
    return {"detail": [{"loc": ["body", "prompt"], "msg": "words of theirs", "type": kind, **more}]}


@pytest.mark.parametrize(
    ("status", "body", "kind", "passing", "gone"),
    [
        (422, list_error("content_policy_violation"), "rejected", False, False),
        (422, list_error("missing"), "rejected", False, False),
        (422, {"detail": "words of theirs"}, "rejected", False, False),
        (422, list_error("generation_timeout"), "failed", False, False),
        (500, list_error("internal_server_error"), "failed", False, False),
        (503, list_error("downstream_service_unavailable"), "unavailable", False, False),
        (504, {"detail": "words of theirs", "error_type": "request_timeout"}, "unavailable", False, False),
        (500, {"detail": "words of theirs", "error_type": "runner_server_error"}, "failed", False, False),
        (500, {"detail": "words of theirs"}, "unavailable", True, False),
        (503, {"detail": "words of theirs"}, "unavailable", True, False),
        (400, {"detail": "Request is still in progress, words of theirs"}, "unavailable", True, False),
        (404, {"status": "NOT_FOUND", "detail": "words of theirs"}, "unavailable", False, True),
        (410, list_error("gone"), "unavailable", False, True),
        (401, {"detail": "words of theirs"}, "rejected", True, False),
        (403, {"detail": "locked: words of theirs"}, "rejected", True, False),
    ],
)
def test_why_there_is_no_result(
    status: int, body: object, kind: str, passing: bool, gone: bool, web: Web
) -> None:
    error, _ = ask(web, web.json(body, status), lambda q: q.result(ENDPOINT, accepted()))
    assert isinstance(error, QueueError)
    assert (error.kind, error.passing, error.gone) == (kind, passing, gone)
    assert ID in str(error)
    assert "words of theirs" in str(error)


def test_a_cancelled_request_failed(web: Web) -> None:
    body = {"detail": "gone", "error_type": "client_cancelled"}
    error, _ = ask(web, web.json(body, 499), lambda q: q.result(ENDPOINT, accepted()))
    assert (error.kind, error.passing) == ("failed", False)


def test_a_result_with_what_it_cost(web: Web) -> None:
    answer = web.json({"video": {}}, x_fal_billable_units="1.5", x_fal_served_from="other/app")
    result, _ = ask(web, answer, lambda q: q.result(ENDPOINT, accepted()))
    assert (json.loads(result.raw), result.billable_units, result.served_from) == (
        {"video": {}},
        1.5,
        "other/app",
    )


@pytest.mark.parametrize("units", ["nan", "-1", "inf", "many", ""])
def test_what_it_cost_may_be_nonsense(units: str, web: Web) -> None:
    answer = web.json({}, x_fal_billable_units=units)
    result, _ = ask(web, answer, lambda q: q.result(ENDPOINT, accepted()))
    assert result.billable_units is None


@pytest.mark.parametrize("status", [200, 202, 400, 404])
def test_cancelling_what_is_over_is_no_error(status: int, web: Web) -> None:
    outcome, server = ask(web, web.json({"status": "x"}, status), lambda q: q.cancel(ENDPOINT, accepted()))
    assert outcome is None
    assert (server.seen[0].method, server.seen[0].target) == ("PUT", f"/{APP}/requests/{ID}/cancel")


def test_a_provider_that_echoes_the_key_does_not_get_it_printed(web: Web) -> None:
    echo = {"detail": f"bad key {KEY} (canary-key-secret) at https://u:canary@x.example/a?sig=canary"}
    for step in (
        submit(),
        lambda q: q.result(ENDPOINT, accepted()),
        lambda q: q.status(ENDPOINT, accepted()),
    ):
        for status in (401, 422, 500, 503):
            outcome, _ = ask(web, web.json(echo, status), step)
            assert "canary" not in f"{outcome!r} {outcome}"
    taken, _ = ask(web, web.json({"request_id": ID, "key": KEY}), submit())
    assert "canary" not in taken.raw


def test_a_secret_parameter_is_only_in_what_is_sent(web: Web) -> None:
    body = '{"api":{"$secret":"TOKEN"},"prompt":"x"}'
    outcome, server = ask(web, web.json({"detail": "bad canary-token"}, 400), submit(body))
    assert server.seen[0].json() == {"api": "canary-token", "prompt": "x"}
    assert "canary" not in repr(outcome)
    missing, server = ask(web, web.json({}), submit('{"api":{"$secret":"ABSENT"}}'))
    assert isinstance(missing, Refused) and missing.stop == "" and "ABSENT" in missing.message
    assert not server.seen


@pytest.mark.parametrize(
    "endpoint", ["x", "../etc", "a/b?c=d", "a/b#c", "a//b", "workflows/a", "a/b/../c", ""]
)
def test_what_is_no_endpoint_is_refused_here(endpoint: str) -> None:
    queue = FalQueue(hosts.at(Origin("http", "127.0.0.1", 1)), {"FAL_KEY": KEY})
    assert isinstance(asyncio.run(queue.submit(Outgoing(endpoint, "{}"), nothing)), Refused)


def test_a_workflow_keeps_its_namespace(web: Web) -> None:
    outcome, _ = ask(
        web, web.json({"request_id": ID}), lambda q: q.submit(Outgoing("workflows/me/film/v2", "{}"), nothing)
    )
    assert outcome.status_url.endswith(f"/workflows/me/film/requests/{ID}/status")


def test_one_variable_for_every_host() -> None:
    at = hosts.hosts({"CALLSHEET_FAL_URL": "http://127.0.0.1:8123/"})
    assert {*at.queue, at.rest, *at.cdn, at.platform} == {Origin("http", "127.0.0.1", 8123)}
    assert hosts.hosts({}) is hosts.FAL
    for wrong in ("http://example.com", "127.0.0.1:80", "http://127.0.0.1:80/x", "http://u@127.0.0.1"):
        with pytest.raises(InputError, match="CALLSHEET_FAL_URL"):
            hosts.hosts({"CALLSHEET_FAL_URL": wrong})


def test_the_listing_is_read_to_its_end(web: Web) -> None:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        item = {
            "request_id": "r1",
            "endpoint_id": ENDPOINT,
            "sent_at": "2026-11-21T10:00:00Z",
            "json_input": {"a": 1},
        }
        second = {**item, "request_id": "r2", "sent_at": "2026-11-21T10:00:05+00:00"}
        other = {**item, "request_id": "r3", "endpoint_id": "fal-ai/other"}
        last = "cursor=c2" in seen.target
        page = {
            "items": [second, "junk", {}] if last else [item, other],
            "has_more": not last,
            "next_cursor": "c2",
        }
        await web.json(page)(seen, writer)

    found, server = ask(web, answer, lambda q: q.find(ENDPOINT, 1763719000.0))
    assert [(f.request_id, f.body) for f in found] == [("r2", {"a": 1}), ("r1", {"a": 1})]
    assert found[0].sent_at - found[1].sent_at == 5.0
    assert server.seen[0].path == "/v1/models/requests/by-endpoint"
    assert "expand=payloads" in server.seen[0].target


def test_a_listing_without_an_end_is_an_error(web: Web) -> None:
    count = 0

    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        await web.json({"items": [], "has_more": True, "next_cursor": f"c{count}"})(seen, writer)

    error, server = ask(web, answer, lambda q: q.find(ENDPOINT, 0.0))
    assert isinstance(error, QueueError)
    assert len(server.seen) == 50


def test_prices_and_bills(web: Web) -> None:
    prices = {"prices": [{"endpoint_id": ENDPOINT, "unit_price": 0.15, "unit": "second", "currency": "USD"}]}
    listed, _ = ask(web, web.json(prices), lambda q: q.queue.list_prices([ENDPOINT]))
    assert (listed[ENDPOINT].usd, listed[ENDPOINT].unit) == (0.15, "second")
    events = {"billing_events": [{"request_id": ID, "cost_estimate_nano_usd": 1_200_000_000}]}
    billed, server = ask(web, web.json(events), lambda q: q.queue.billed([ID]))
    assert billed == {ID: pytest.approx(1.2)}
    assert server.seen[0].target.startswith(f"/v1/models/billing-events?request_id={ID}&start=")


def test_nothing_is_sent_to_a_dead_server() -> None:
    queue = FalQueue(hosts.at(Origin("http", "127.0.0.1", 1)), {"FAL_KEY": KEY})
    assert isinstance(asyncio.run(queue.submit(Outgoing(ENDPOINT, "{}"), nothing)), NotSent)


def test_a_data_uri_is_a_file_too(tmp_path: Path, web: Web) -> None:
    ask(web, web.json({}), lambda q: q.download("data:image/png;base64,iVBORw0KGgo=", tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes() == b"\x89PNG\r\n\x1a\n"
    error, _ = ask(web, web.json({}), lambda q: q.download("data:image/png;base64,###", tmp_path / "b.png"))
    assert isinstance(error, QueueError)
