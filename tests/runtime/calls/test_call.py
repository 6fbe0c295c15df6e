"""One paid call at a time: what each answer of the provider leads to. Time is virtual."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Collection, Coroutine, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from callsheet import failpoints
from callsheet.dsl.graph import Options
from callsheet.errors import NodeError, StoreError
from callsheet.nodes.http.message import Reply
from callsheet.nodes.queue import progress
from callsheet.nodes.queue.protocol import (
    Accepted,
    Ambiguous,
    BeforeSend,
    Found,
    ModelFailed,
    NotSent,
    Outcome,
    Outgoing,
    QueueError,
    QueueResult,
    Recovery,
    Refused,
    Status,
)
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller
from callsheet.runtime.calls.clock import Clock, Uptime
from callsheet.runtime.calls.errors import CallError, NotFetched, Unknown
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order, intent, with_seed
from callsheet.runtime.calls.other_runs import OtherRuns
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.questions import Waiting
from callsheet.runtime.calls.rate_limits import Limits
from callsheet.runtime.calls.recover import recover, unfetched
from callsheet.runtime.calls.result_files import ExpectedFile
from callsheet.runtime.calls.slots import Slots
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.execute.retry import Pauses, falls_back, tried
from callsheet.runtime.ledger import (
    Attempt,
    Change,
    Forbidden,
    Kept,
    Ledger,
    MemoryLedger,
    NewRun,
    OverBudget,
)
from callsheet.runtime.ledger.locks import Nobody
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import INTEGER, VIDEO, Field
from callsheet.testing.simulation.loop import VirtualLoop

T = TypeVar("T")
PASSING = QueueError("503", "unavailable", passing=True)
GONE = QueueError("404", "unavailable", gone=True)
USELESS = QueueError("result unreadable (text/html, 18 bytes)", "unavailable")
BUSY = Refused("unavailable", "too many", 429, retry_after=30.0)


class Scripted:
    """A queue that answers from lists; when a list is empty, all goes well. An answer may be a wait first."""

    name = "scripted"
    recovery: Recovery = "listing"

    def __init__(self, **answers: Sequence[Any]) -> None:
        self.answers = {name: list(values) for name, values in answers.items()}
        self.posts: list[str] = []
        self.sending = self.most = 0
        self.seconds = 0.1
        self.downloads: list[str] = []
        self.cancelled: list[str] = []

    def next(self, name: str) -> Any:
        answers = self.answers.get(name)
        answer = answers.pop(0) if answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        answer = self.next("submit")
        if isinstance(answer, NotSent):
            return answer
        await asyncio.sleep(0.01)
        await before_send()
        self.posts.append(outgoing.body)
        number = len(self.posts)
        self.sending += 1
        self.most = max(self.most, self.sending)
        await asyncio.sleep(self.seconds)
        self.sending -= 1
        return answer or Accepted(f"r{number}", "s", "r", "c")  # type: ignore[no-any-return]

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        status = self.next("status") or "completed"
        return status if isinstance(status, Status) else Status(status)

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        raw = self.next("result") or json.dumps({"url": f"https://x/{accepted.request_id}"})
        return QueueResult(raw, 2.0, "elsewhere")

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        self.cancelled.append(accepted.request_id)

    async def upload(self, path: Path) -> str:
        return ""

    async def download(self, url: str, to: Path) -> None:
        self.downloads.append(url)
        self.next("download")

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        return ()

    def provider_time(self) -> float | None:
        return None

    async def close(self) -> None: ...


class ResultFiles:
    """Keeps the URL of what was fetched. damaged: how many files turn out to be no video."""

    def __init__(self) -> None:
        self.damaged = 0
        self.gone = False
        self.full = False

    def expected(self, attempt: Attempt, without: Collection[str] = ()) -> Sequence[ExpectedFile]:
        result = json.loads(attempt.result)
        if "url" not in result:
            raise QueueError(
                "the result cannot be used: its output video is used, but did not come", "failed"
            )
        thumbs = [ExpectedFile("thumb", "image", url, needed=False) for url in result.get("thumbs", ())]
        return [*thumbs, ExpectedFile("video", "video", result["url"])]

    def named(self, attempt: Attempt) -> Sequence[ExpectedFile]:
        return self.expected(attempt)

    def download_path(self, file: ExpectedFile) -> Path:
        return Path("room")

    async def keep(self, file: ExpectedFile, path: Path) -> Kept:
        if self.full:
            raise StoreError("the disk is full")
        self.damaged -= 1
        if self.damaged >= 0:
            raise NodeError("no video", "failed")
        return Kept(file.place, "video", file.url, ".mp4", 1)

    async def holds(self, kept: Kept) -> bool:
        return not self.gone


class Desk:
    """A caller with all its parts at hand."""

    def __init__(self, loop: VirtualLoop, queue: Scripted, budget: int | None = None) -> None:
        self.loop = loop
        self.queue = queue
        self.ledger: Ledger = MemoryLedger(loop.time)
        self.files = ResultFiles()
        self.breaker = Breaker("scripted", most=3)
        clock = Clock(loop.time, asyncio.sleep, Random(1))
        self.submitter = Submitter(queue, self.ledger, Slots(queue.name), self.breaker)
        self.heard: list[Waiting] = []
        fetcher = Fetcher(
            queue, self.ledger, self.files, clock, FetchRetry(), lambda _, waiting: self.heard.append(waiting)
        )
        self.caller = Caller(self.submitter, fetcher, clock)
        self.run(self.ledger.start_run(NewRun("a", "film.yaml", budget)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def call(self, key: str = "k", **named: Any) -> Attempt:
        return self.run(self.caller.call(order(key, **named)))

    def states(self) -> list[str]:
        return [attempt.state for attempt in self.run(self.ledger.attempts())]


def order(key: str = "k", usd: float | None = 1.0, seeded: bool = False, run: int = 1, **named: Any) -> Order:
    inputs = {"seed": Field(INTEGER)} if seeded else {}
    spec = NodeSpec("model", "scripted", "text-to-video", inputs, {"video": VIDEO}, lambda _: {})
    return Order(key, spec, "model", {"prompt": key}, run, f"clip[{key}]", usd, **named)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_a_call_is_bought_once(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(status=["queued", "running"]))
    done = desk.call()
    assert (done.state, done.request_id, done.units, done.served_from) == (
        "COMMITTED",
        "r1",
        2.0,
        "elsewhere",
    )
    assert desk.call().id == done.id
    assert desk.queue.posts == ['{"prompt":"k"}']


def test_refresh_buys_again_once_for_each_run(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    desk.call()
    desk.run(desk.ledger.start_run(NewRun("b", "film.yaml")))
    assert desk.call(refresh=True, run=2).number == 2
    assert desk.call(refresh=True, run=2).number == 2


def test_two_at_once_are_one(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())

    async def both() -> list[Attempt]:
        return list(await asyncio.gather(desk.caller.call(order()), desk.caller.call(order())))

    one, other = desk.run(both())
    assert one == other
    assert len(desk.queue.posts) == 1


@pytest.mark.parametrize("outcome", [BUSY, NotSent("no route")])
def test_what_was_not_accepted_is_sent_again(outcome: Outcome, loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(submit=[outcome, outcome]))
    assert desk.call().number == 3
    assert desk.states() == ["REJECTED", "REJECTED", "COMMITTED"]
    assert desk.run(desk.ledger.spent(1)) == 1_000_000


def test_what_another_run_bought_during_a_wait_is_not_bought_again(loop: VirtualLoop, tmp_path: Path) -> None:
    desk = Desk(loop, Scripted(submit=[BUSY]))
    ledger, fetcher, clock = desk.ledger, desk.caller.fetcher, desk.caller.clock
    other = desk.run(ledger.start_run(NewRun("b", "other.yaml"))).id
    first, second = (
        Caller(
            Submitter(desk.queue, ledger, Slots(desk.queue.name), desk.breaker),
            fetcher,
            clock,
            others=OtherRuns(ledger, run, clock, lambda *_: None),
        )
        for run in (1, other)
    )

    async def later() -> Attempt:
        await asyncio.sleep(5)
        return await second.call(order(run=other))

    async def both() -> tuple[Attempt, Attempt]:
        mine, theirs = await asyncio.gather(first.call(order()), later())
        return mine, theirs

    mine, theirs = desk.run(both())
    assert mine == theirs
    assert desk.states() == ["REJECTED", "COMMITTED"]


class AtWork(Nobody):
    """The locks beside runs that are at work."""

    def __init__(self, *runs: int) -> None:
        self.runs = set(runs)

    def at_work(self, run: int) -> bool:
        return run in self.runs


def test_who_waits_for_another_run_holds_no_slot(loop: VirtualLoop) -> None:
    """Else two runs with one slot each, which wait for each other's requests, would wait for ever."""
    desk, locks = Desk(loop, Scripted()), AtWork(2)
    ledger = desk.ledger = MemoryLedger(loop.time, locks)
    desk.submitter = Submitter(desk.queue, ledger, Slots("scripted", Limits(1, 1)), desk.breaker)
    desk.caller = Caller(
        desk.submitter,
        Fetcher(desk.queue, ledger, desk.files, desk.caller.clock, FetchRetry()),
        desk.caller.clock,
        others=OtherRuns(ledger, 1, desk.caller.clock, lambda *_: None),
    )

    async def story() -> None:
        for name in ("a", "b"):
            await ledger.start_run(NewRun(name, "film.yaml"))
        await ledger.intend(intent(order(run=2), Random(1)), None)
        waiting = asyncio.ensure_future(desk.caller.call(order()))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(60):
            await desk.caller.call(order("other"))
        assert not waiting.done() and desk.queue.posts == ['{"prompt":"other"}']
        locks.runs.clear()
        assert (await waiting).number == 2

    desk.run(story())
    assert desk.states() == ["CANCELLED", "COMMITTED", "COMMITTED"]
    assert all(limit.in_progress == 0 for limit in desk.submitter.slots._limits.of("scripted", "model"))


class StandsStill:
    """How long a machine is up that stands still for so many seconds while SENDING is written."""

    def __init__(self, *pauses: float) -> None:
        self.pauses = [pause for each in pauses for pause in (0.0, each)]
        self.seconds = 0.0

    def __call__(self) -> Uptime:
        self.seconds += self.pauses.pop(0) if self.pauses else 0.0
        return Uptime("boot", self.seconds)


@pytest.mark.parametrize("trusted", [True, False])
def test_nothing_is_sent_by_a_machine_that_stood_still(trusted: bool, loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    desk.submitter.uptime, desk.submitter.trusted = StandsStill(29.0, 31.0, 29.0), trusted
    assert desk.call().number == 1
    assert desk.call("other").number == 2
    first = next(a for a in desk.run(desk.ledger.attempts()) if a.key == "other")
    assert (first.state, first.actual) == ("REJECTED", 0) and "it was not sent" in first.error
    assert desk.queue.posts == ['{"prompt":"k"}', '{"prompt":"other"}']


@pytest.mark.parametrize(
    ("answer", "states"),
    [(None, ["COMMITTED"]), (Refused("rejected", "no", 422), ["ABSENT"]), (Ambiguous("lost"), ["UNKNOWN"])],
)
def test_a_reply_settles_what_another_process_put_in_doubt(
    answer: Any, states: list[str], loop: VirtualLoop
) -> None:
    """It had taken this one for dead, and had no more than SENDING to go by."""
    desk = Desk(loop, Scripted(submit=[answer] if answer else []))

    async def doubted() -> None:
        await asyncio.sleep(0.05)
        await recover(desk.ledger)

    async def both() -> object:
        call, _ = await asyncio.gather(desk.caller.call(order()), doubted(), return_exceptions=True)
        return call

    said = desk.run(both())
    assert desk.states() == states
    assert isinstance(said, Attempt if answer is None else CallError)


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        (("ACCEPTED", "FAILED"), ["FAILED"]),
        (("ACCEPTED", "RESULT", "STORED", "COMMITTED"), ["COMMITTED"]),
        (("LOST",), ["LOST", "COMMITTED"]),
    ],
)
def test_what_another_process_found_while_the_reply_was_lost_is_judged(
    steps: Sequence[Any], states: list[str], loop: VirtualLoop
) -> None:
    """It took this one for dead, found the request, and brought it to its end."""
    desk = Desk(loop, Scripted(submit=[Ambiguous("lost")]))
    desk.caller.others = OtherRuns(desk.ledger, 1, desk.caller.clock, lambda *_: None)
    change = Change(request_id="r1", result="{}", error_kind="rejected", error="no such face")

    async def ended() -> None:
        await asyncio.sleep(0.05)
        (attempt,) = await recover(desk.ledger)
        for step in steps:
            attempt = await desk.ledger.advance(attempt.id, step, change, before=attempt.state)

    async def both() -> Any:
        call, _ = await asyncio.gather(desk.caller.call(order()), ended(), return_exceptions=True)
        return call

    said = desk.run(both())
    assert desk.states() == states and len(desk.queue.posts) == len(states)
    if states == ["FAILED"]:
        assert isinstance(said, CallError) and "no such face" in said.message and said.kind == "rejected"
    else:
        assert said.state == "COMMITTED"


@pytest.mark.parametrize("answer", [NotSent("no route"), Refused("rejected", "no key", 401)])
def test_what_was_not_sent_here_says_nothing_of_what_another_one_sent(
    answer: Outcome, loop: VirtualLoop
) -> None:
    """Both send the same attempt; the reply of the one that did is lost before the other one gives up."""
    desk = Desk(loop, Scripted(submit=[Ambiguous("lost")]))

    class Unsent(Scripted):
        async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
            await asyncio.sleep(1.0)
            return answer

    async def both() -> list[Any]:
        (attempt,) = await desk.ledger.attempts("INTENT")
        slots = Slots(desk.queue.name)
        other = Submitter(Unsent(), desk.ledger, slots, desk.breaker)
        mine = desk.caller.call(order())
        async with slots.slot(attempt.endpoint) as slot:
            return await asyncio.gather(mine, other.submit(attempt, slot), return_exceptions=True)

    desk.run(desk.ledger.intend(intent(order(), Random(1)), None))
    said, unsent = desk.run(both())
    assert isinstance(said, Unknown) and isinstance(unsent, Forbidden)
    with pytest.raises(Unknown):
        desk.call()
    assert desk.states() == ["UNKNOWN"] and len(desk.queue.posts) == 1


def test_what_another_process_has_cancelled_is_bought_anew(loop: VirtualLoop) -> None:
    """And what it did not cancel in time is not thrown away."""
    desk = Desk(loop, Scripted())
    ledger = desk.ledger
    desk.caller.others = OtherRuns(ledger, 1, desk.caller.clock, lambda *_: None)

    async def cancelled() -> None:
        await asyncio.sleep(0.005)
        (attempt,) = await ledger.attempts("INTENT")
        await ledger.advance(attempt.id, "CANCELLED", before="INTENT")
        await asyncio.sleep(0.08)
        with pytest.raises(Forbidden):
            await ledger.advance(attempt.id + 1, "CANCELLED", before="INTENT")

    async def both() -> None:
        await asyncio.gather(desk.caller.call(order()), cancelled())

    desk.run(both())
    assert desk.states() == ["CANCELLED", "COMMITTED"] and len(desk.queue.posts) == 1


def test_the_provider_s_wait_is_kept(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(submit=[BUSY]))
    desk.call()
    assert 30 <= loop.time() < 40


def test_it_gives_up_after_a_few_tries(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(submit=[NotSent("no route")] * 9))
    with pytest.raises(CallError, match="no route") as caught:
        desk.call()
    assert caught.value.kind == "unavailable"
    assert desk.states() == ["REJECTED"] * 5
    assert desk.run(desk.ledger.spent(1)) == 0


def test_a_refusal_is_final(loop: VirtualLoop) -> None:
    refusal = Refused("rejected", "this content is refused", 422, next_step="change the prompt")
    desk = Desk(loop, Scripted(submit=[refusal]))
    with pytest.raises(CallError, match="this content is refused") as caught:
        desk.call()
    assert (caught.value.kind, caught.value.next_step) == ("rejected", "change the prompt")
    assert desk.states() == ["REJECTED"]


def test_in_doubt_nothing_is_sent_again(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(submit=[Ambiguous("reset", "<html>", "hint")]))
    for _ in range(3):
        with pytest.raises(Unknown, match="unknown whether") as caught:
            desk.call()
        assert caught.value.kind == "unknown"
    (attempt,) = desk.run(desk.ledger.attempts())
    assert (attempt.state, attempt.reply, attempt.request_id) == ("UNKNOWN", "<html>", "hint")
    assert len(desk.queue.posts) == 1
    assert desk.run(desk.ledger.spent(1)) == 1_000_000


class Forgetful(Scripted):
    """A queue of a plug-in that sends without a word to us before. dies: what it raises then."""

    dies: BaseException | None = None

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        self.posts.append(outgoing.body)
        if self.dies is not None:
            raise self.dies
        return self.next("submit") or Accepted(f"r{len(self.posts)}", "s", "r", "c")  # type: ignore[no-any-return]


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("answer", [None, Ambiguous("reset", "", "r1")])
def test_a_queue_that_forgets_the_hook_is_in_doubt_and_sends_nothing_else(
    answer: Outcome | None, trusted: bool, loop: VirtualLoop
) -> None:
    desk = Desk(loop, Forgetful(submit=[answer]))
    desk.submitter.trusted = trusted
    for _ in range(2):
        with pytest.raises(Unknown, match="without `await before_send"):
            desk.call()
    with pytest.raises(NodeError, match="nothing more is sent to scripted: the queue of scripted"):
        desk.call("other")
    (attempt,) = desk.run(desk.ledger.attempts())
    assert (attempt.state, attempt.request_id) == ("UNKNOWN", "r1")
    assert len(desk.queue.posts) == 1


@pytest.mark.parametrize("dies", [KeyError("id"), asyncio.CancelledError()])
def test_a_foreign_queue_that_ends_without_the_hook_leaves_a_trace(
    dies: BaseException, loop: VirtualLoop
) -> None:
    desk = Desk(loop, Forgetful())
    desk.submitter.trusted, desk.queue.dies = False, dies  # type: ignore[attr-defined]
    with pytest.raises(type(dies)):
        desk.call()
    assert desk.states() == ["UNKNOWN"]
    with pytest.raises(Unknown):
        desk.call()
    assert len(desk.queue.posts) == 1


def test_what_a_foreign_queue_was_told_not_to_send_costs_nothing(loop: VirtualLoop) -> None:
    class Stopped(Scripted):
        async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
            desk.breaker.trip("the account cannot pay", "rejected", "top up")
            return await super().submit(outgoing, before_send)

    desk = Desk(loop, Stopped())
    desk.submitter.trusted = False
    with pytest.raises(NodeError, match="the account cannot pay"):
        desk.call()
    assert desk.states() == ["REJECTED"]
    assert desk.run(desk.ledger.spent(1)) == 0 and not desk.queue.posts


@pytest.mark.parametrize(
    "answer",
    [
        Accepted("r1"),
        Ambiguous("reset", "", "r1"),
        NotSent("no route"),
        Refused("unavailable", "too many", 429),
        KeyError("id"),
    ],
)
def test_a_foreign_queue_that_swallows_the_veto_is_in_doubt_and_sends_nothing_else(
    answer: Outcome | Exception, loop: VirtualLoop
) -> None:
    class Swallows(Scripted):
        async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
            desk.breaker.trip("the account cannot pay", "rejected", "top up")
            with contextlib.suppress(Exception):
                await before_send()
            self.posts.append(outgoing.body)
            return self.next("submit")  # type: ignore[no-any-return]

    desk = Desk(loop, Swallows(submit=[answer]))
    desk.submitter.trusted = False
    for _ in range(2):
        with pytest.raises((Unknown, KeyError)):
            desk.call()
    assert desk.states() == ["UNKNOWN"] and len(desk.queue.posts) == 1
    assert desk.run(desk.ledger.spent(1)) == 1_000_000
    with pytest.raises(NodeError, match="nothing more is sent to scripted"):
        desk.call("other")


@pytest.mark.parametrize("stop", ["auth", "funds"])
def test_what_concerns_all_stops_all(stop: Any, loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(submit=[Refused("rejected", "the account cannot pay", 402, stop=stop)]))
    with pytest.raises(CallError):
        desk.call("a")
    with pytest.raises(NodeError, match="nothing more is sent to scripted: the account cannot pay"):
        desk.call("b")
    assert len(desk.queue.posts) == 1


def test_what_is_in_flight_comes_home_after_a_stop(loop: VirtualLoop) -> None:
    refusal = Refused("rejected", "the account cannot pay", 402, stop="funds")
    desk = Desk(loop, Scripted(submit=[None, refusal], status=["running"] * 5))

    async def both() -> list[Any]:
        calls = (desk.caller.call(order("a")), desk.caller.call(order("b")))
        return list(await asyncio.gather(*calls, return_exceptions=True))

    first, second = desk.run(both())
    assert first.state == "COMMITTED"
    assert isinstance(second, CallError)


def test_equal_failures_in_a_row_stop_all(loop: VirtualLoop) -> None:
    failure = ModelFailed("the model failed", "failed")
    desk = Desk(loop, Scripted(result=[failure] * 3))
    for key in "abc":
        with pytest.raises(CallError, match="the model failed"):
            desk.call(key)
    with pytest.raises(NodeError, match="3 failures in a row were the same"):
        desk.call("d")
    assert desk.states() == ["FAILED"] * 3


def test_different_failures_do_not(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(result=[ModelFailed(f"failure {n}", "failed") for n in range(6)]))
    for key in "abcdef":
        with pytest.raises(CallError):
            desk.call(key)
    assert desk.call("g").state == "COMMITTED"


def test_a_budget_is_not_exceeded(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(), budget=2_500_000)
    desk.call("a")
    desk.call("b")
    with pytest.raises(OverBudget, match=r"would cost \$1.00, but \$0.50 of \$2.50 are left"):
        desk.call("c")
    with pytest.raises(OverBudget, match="no known price"):
        desk.call("d", usd=None)
    assert len(desk.queue.posts) == 2


def test_at_most_four_are_in_doubt_at_once(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())

    async def many() -> None:
        await asyncio.gather(*(desk.caller.call(order(str(n))) for n in range(20)))

    desk.run(many())
    assert (len(desk.queue.posts), desk.queue.most) == (20, 4)


def test_polls_results_and_downloads_are_repeated(loop: VirtualLoop) -> None:
    queue = Scripted(status=[PASSING, PASSING], result=[PASSING, GONE], download=[PASSING, PASSING])
    assert Desk(loop, queue).call().state == "COMMITTED"
    assert len(queue.posts) == 1


def test_files_that_are_gone_are_asked_for_again(loop: VirtualLoop) -> None:
    """With each look the result is asked for anew: its URLs may have been for a time only."""
    queue = Scripted(download=[GONE] * 4, result=['{"url": "old"}', '{"url": "new"}'])
    desk = Desk(loop, queue)
    assert json.loads(desk.call().result)["url"] == "https://x/r1"
    assert queue.downloads == ["old", "new", "https://x/r1", "https://x/r1", "https://x/r1"]


def unreadable(body: bytes, **reply: Any) -> QueueError:
    with pytest.raises(QueueError) as caught:
        progress.result_in(Reply(200, {}, body, **reply), "r1")
    return caught.value


def test_what_breaks_off_at_the_same_byte_is_nonsense_and_elsewhere_is_not(loop: VirtualLoop) -> None:
    cut = {"flaw": "breaks off", "cut": True}
    desk = Desk(loop, Scripted(result=[unreadable(b'{"url', **cut) for _ in range(20)]))
    with pytest.raises(NotFetched):
        desk.call()
    assert loop.time() < 60
    desk = Desk(loop, Scripted(result=[unreadable(b"x" * n, **cut) for n in range(20)]))
    assert desk.call().state == "COMMITTED"


LEFT = {
    "file busy": {"download": [PASSING] * 500},
    "file gone": {"download": [GONE] * 500},
    "file useless": {"download": [USELESS] * 500},
    "result busy": {"result": [PASSING] * 500},
    "result gone": {"result": [GONE] * 500},
    "result unreadable": {"result": [USELESS] * 500},
    "result without what is used": {"result": ['{"image": 1}'] * 500},
    "status busy": {"status": [PASSING] * 500},
    "status unreadable": {"status": [USELESS] * 500, "result": [PASSING] * 500},
    "not known there": {"status": [GONE] * 500, "result": [GONE] * 500},
    "no key": {"status": [NodeError("FAL_KEY is not set", "rejected")] * 500},
}


@pytest.mark.parametrize("answers", LEFT.values(), ids=LEFT)
def test_what_is_paid_and_cannot_be_fetched_is_kept_and_never_sent_again(
    answers: dict[str, Any], loop: VirtualLoop
) -> None:
    desk = Desk(loop, Scripted(**answers))
    for _ in range(3):
        with pytest.raises(NotFetched, match=r"paid, not fetched \(.*request r1") as caught:
            desk.run(tried(Options(attempts=4), lambda: desk.caller.call(order()), Pauses(Stop())))
        assert desk.states()[0] in ("ACCEPTED", "RESULT") and len(desk.states()) == 1
        assert not falls_back(caught.value)
    (attempt,) = desk.run(desk.ledger.attempts())
    assert attempt.error and attempt.error in str(caught.value)
    desk.queue.answers.clear()
    done = desk.call()
    assert (done.state, done.error, len(desk.queue.posts)) == ("COMMITTED", "", 1)


@pytest.mark.parametrize("step", ["status", "result", "download"])
def test_the_same_nonsense_three_times_is_final_for_a_run_within_a_minute(
    step: str, loop: VirtualLoop
) -> None:
    desk = Desk(loop, Scripted(**{"result": [PASSING], step: [USELESS] * 3}))
    with pytest.raises(NotFetched):
        desk.call()
    assert loop.time() < 60
    assert desk.call().state == "COMMITTED"


def test_what_an_earlier_run_could_not_use_is_asked_for_only_once_more(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(result=[USELESS] * 5))
    for seconds in (60, 3):
        since = loop.time()
        with pytest.raises(NotFetched):
            desk.call()
        assert loop.time() - since < seconds
    assert desk.call().state == "COMMITTED"


def test_pages_that_differ_in_a_number_are_the_same_nonsense(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(result=[unreadable(b"<html>" + b"x" * n) for n in range(20)]))
    with pytest.raises(NotFetched):
        desk.call()
    assert loop.time() < 60


def test_a_status_that_nobody_can_read_keeps_no_result_away(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(status=[USELESS] * 50))
    assert desk.call().state == "COMMITTED"
    assert loop.time() < 60


def test_nonsense_twice_is_borne(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(result=[USELESS] * 2, download=[USELESS] * 2))
    assert desk.call().state == "COMMITTED"


def test_what_is_in_the_way_is_said_at_once(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(download=[PASSING, PASSING, GONE]))
    desk.call()
    assert [w.trouble for w in desk.heard if w.trouble] == ["503", "404"]


@pytest.mark.parametrize("seconds", [60, 600])
def test_a_file_that_is_gone_for_a_while_is_fetched(seconds: int, loop: VirtualLoop) -> None:
    """For a minute in the same run, for longer by a later one."""
    desk = Desk(loop, Scripted())
    download = desk.queue.download

    async def gone(url: str, to: Path) -> None:
        if loop.time() < seconds:
            raise GONE
        await download(url, to)

    desk.queue.download = gone  # type: ignore[method-assign]
    if seconds > 60:
        with pytest.raises(NotFetched):
            desk.call()
        loop.jump(600)
    assert desk.call().state == "COMMITTED"
    assert len(desk.queue.posts) == 1


def test_a_file_that_is_not_used_may_be_missing(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(result=['{"url": "video", "thumbs": ["thumb"]}'] * 9))
    download = desk.queue.download

    async def no_thumbs(url: str, to: Path) -> None:
        if url == "thumb":
            raise GONE
        await download(url, to)

    desk.queue.download = no_thumbs  # type: ignore[method-assign]
    done = desk.call()
    assert [kept.place for kept in desk.run(desk.ledger.kept(done.id))] == ["video"]


def test_a_file_that_is_not_used_and_may_come_is_waited_for(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(result=['{"url": "video", "thumbs": ["thumb"]}']))
    desk.queue.answers["download"] = [None] + [PASSING] * 100
    with pytest.raises(NotFetched):
        desk.call()
    desk.queue.answers.clear()
    done = desk.call()
    assert [kept.place for kept in desk.run(desk.ledger.kept(done.id))] == ["thumb", "video"]


def test_another_result_counts_only_if_it_can_be_used(loop: VirtualLoop) -> None:
    queue = Scripted(result=['{"url": "a"}', "{}", '{"nothing": 1}'], download=[GONE, GONE])
    desk = Desk(loop, queue)
    desk.call()
    assert queue.downloads == ["a", "a", "a"]


def test_a_model_s_failure_after_its_result_takes_nothing_back(loop: VirtualLoop) -> None:
    failure = ModelFailed("the model failed", "failed")
    queue = Scripted(result=[None, failure, failure], download=[GONE, GONE])
    assert Desk(loop, queue).call().state == "COMMITTED"


UNCERTAIN = ModelFailed("the model failed: 500", "failed", certain=False)


def test_a_failure_that_a_gateway_may_have_made_up_is_asked_about_again(loop: VirtualLoop) -> None:
    assert Desk(loop, Scripted(result=[UNCERTAIN] * 2)).call().state == "COMMITTED"
    desk = Desk(loop, Scripted(result=[UNCERTAIN] * 3))
    with pytest.raises(CallError, match="the model failed"):
        desk.call()
    assert desk.states() == ["FAILED"]


@pytest.mark.parametrize("state", ["completed", "failed"])
def test_what_the_status_says_of_a_failure_is_believed(state: Any, loop: VirtualLoop) -> None:
    status = Status(state, failure="out of memory")
    for answers in ([UNCERTAIN], [USELESS] * 3, [GONE] * 8):
        desk = Desk(loop, Scripted(status=[status], result=answers))
        with pytest.raises(CallError, match="the model failed: "):
            desk.call()
        assert desk.states() == ["FAILED"]


def test_a_request_that_failed_by_its_status_but_has_a_result_did_not_fail(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(status=[Status("failed", failure="out of memory")]))
    assert desk.call().state == "COMMITTED"


def test_a_word_that_nobody_knows_is_shown_and_the_result_is_looked_for(loop: VirtualLoop) -> None:
    odd = Status("running", word="DREAMING")
    desk = Desk(loop, Scripted(status=[odd] * 500))
    assert desk.call().state == "COMMITTED"
    assert {w.state for w in desk.heard} == {"DREAMING"}
    assert loop.time() < 60


def test_a_damaged_file_is_fetched_again(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    desk.files.damaged = 2
    assert desk.call().state == "COMMITTED"
    assert len(desk.queue.downloads) == 3


def test_a_full_disk_loses_nothing(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    desk.files.full = True
    with pytest.raises(StoreError):
        desk.call()
    assert desk.states() == ["RESULT"]
    desk.files.full = False
    assert desk.call().state == "COMMITTED"
    assert len(desk.queue.posts) == 1


def test_a_key_that_is_refused_while_polling_leaves_the_call_for_later(loop: VirtualLoop) -> None:
    refused = QueueError("the key was not accepted", "rejected", passing=True)
    desk = Desk(loop, Scripted(status=[refused] * 3))
    with pytest.raises(CallError, match="the key was not accepted"):
        desk.call()
    assert desk.states() == ["ACCEPTED"]
    assert desk.call().state == "COMMITTED"


def test_a_file_that_left_the_store_is_fetched_again(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    first = desk.call()
    desk.files.gone = True
    assert desk.call().id == first.id
    assert (len(desk.queue.posts), len(desk.queue.downloads)) == (1, 2)


@pytest.mark.parametrize(("trouble", "looks"), [(GONE, 8), (USELESS, 3)])
def test_a_file_that_cannot_be_fetched_again_is_bought_anew_only_if_a_person_says_so(
    trouble: QueueError, looks: int, loop: VirtualLoop
) -> None:
    desk = Desk(loop, Scripted())
    desk.call()
    desk.files.gone = True
    desk.queue.answers["download"] = [trouble] * 50
    with pytest.raises(NotFetched, match="its files are gone from the store") as caught:
        desk.call()
    assert desk.states() == ["COMMITTED"] and not falls_back(caught.value)
    desk.queue.answers["download"] = [trouble] * looks
    desk.caller.pay_again = True
    assert desk.call().number == 2
    assert desk.states() == ["COMMITTED", "COMMITTED"]


def test_a_file_that_cannot_be_fetched_for_now_is_not_paid_again(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    first = desk.call()
    desk.files.gone = True
    desk.queue.answers["download"] = [PASSING] * 40
    with pytest.raises(CallError, match="request r1") as caught:
        desk.call()
    assert not falls_back(caught.value)
    assert desk.call().id == first.id
    assert len(desk.queue.posts) == 1


def test_nothing_takes_the_place_of_what_is_accepted_and_cannot_be_polled(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted(status=[PASSING] * 40))
    with pytest.raises(CallError) as caught:
        desk.call()
    assert desk.states() == ["ACCEPTED"]
    assert not falls_back(caught.value)


def cancelled_at(desk: Desk, *moments: float) -> None:
    """Make a call that is cancelled at these moments."""

    async def stopped() -> None:
        task = asyncio.ensure_future(desk.caller.call(order()))
        for moment in moments:
            desk.loop.call_at(moment, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    desk.run(stopped())


def test_a_stop_before_the_post_sends_nothing(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    cancelled_at(desk, 0.005)
    assert (desk.states(), desk.queue.posts) == (["CANCELLED"], [])
    assert desk.run(desk.ledger.spent(1)) == 0


def test_a_stop_during_the_post_waits_for_its_reply(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    desk.queue.seconds = 10
    cancelled_at(desk, 5)
    assert desk.states() == ["ACCEPTED"]
    assert desk.call().state == "COMMITTED"
    assert len(desk.queue.posts) == 1


@pytest.mark.parametrize(("moments", "ends"), [((5.0,), 25.0), ((5.0, 6.0), 6.0)])
def test_the_wait_is_bounded_and_a_second_stop_ends_it(
    moments: tuple[float, ...], ends: float, loop: VirtualLoop
) -> None:
    desk = Desk(loop, Scripted())
    desk.queue.seconds = 500
    cancelled_at(desk, *moments)
    assert desk.states() == ["UNKNOWN"]
    assert loop.time() == pytest.approx(ends, abs=0.1)


def no_room_for_what_is_accepted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    advance = desk.ledger.advance

    async def full(attempt: int, to: Any, *rest: Any, **named: Any) -> Attempt:
        if to == "ACCEPTED":
            raise StoreError("the disk is full")
        return await advance(attempt, to, *rest, **named)

    monkeypatch.setattr(desk.ledger, "advance", full)


def test_a_ledger_that_fails_after_the_post_names_the_request(
    loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(loop, Scripted())
    no_room_for_what_is_accepted(desk, monkeypatch)
    with pytest.raises(StoreError, match="request r1 was accepted") as caught:
        desk.call()
    assert "--adopt r1" in caught.value.next_step
    with pytest.raises(NodeError, match="the disk is full"):
        desk.call("other")
    assert len(desk.queue.posts) == 1


def test_it_names_the_request_also_while_the_run_is_stopped(
    loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(loop, Scripted())
    desk.queue.seconds = 10
    no_room_for_what_is_accepted(desk, monkeypatch)

    async def stopped() -> None:
        task = asyncio.ensure_future(desk.caller.call(order()))
        loop.call_at(5, task.cancel)
        await task

    with pytest.raises(StoreError, match="request r1 was accepted"):
        desk.run(stopped())


def test_a_new_process_takes_up_every_state(loop: VirtualLoop) -> None:
    states = ("INTENT", "SENDING", "ACCEPTED", "RESULT")
    for state in states:
        desk = Desk(loop, Scripted())
        _interrupt(desk, state)
        doubtful = desk.run(recover(desk.ledger))
        assert [a.state for a in doubtful] == (["UNKNOWN"] if state == "SENDING" else [])
        assert len(desk.run(unfetched(desk.ledger))) == (state in ("ACCEPTED", "RESULT"))
        posts = len(desk.queue.posts)
        if state == "SENDING":
            with pytest.raises(Unknown):
                desk.call()
            assert len(desk.queue.posts) == posts
        else:
            assert desk.call().state == "COMMITTED"
            assert len(desk.queue.posts) == 1


def _interrupt(desk: Desk, state: str) -> None:
    """Leave a call in `state`, as a process that is killed there does."""
    points = {
        "INTENT": "call.after_intent",
        "SENDING": "call.after_sending",
        "ACCEPTED": "call.after_accepted",
        "RESULT": "call.after_result",
    }

    class Killed(BaseException): ...

    dead = False

    def kill(name: str) -> None:
        nonlocal dead
        if name == points[state]:
            dead = True
            raise Killed

    advance = desk.ledger.advance

    async def mute(*args: Any, **named: Any) -> Attempt:
        if dead:
            raise Killed
        return await advance(*args, **named)

    desk.ledger.advance = mute  # type: ignore[method-assign]
    with failpoints.armed(kill), pytest.raises(Killed):
        desk.call()
    desk.ledger.advance = advance  # type: ignore[method-assign]
    assert desk.states() == [state]


def test_an_intent_of_another_run_is_made_anew(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    _interrupt(desk, "INTENT")
    desk.run(desk.ledger.start_run(NewRun("b", "film.yaml")))
    again = order()
    done = desk.run(
        desk.caller.call(Order(again.key, again.spec, "model", again.body, 2, again.address, 1.0))
    )
    assert (done.run, done.number, desk.states()) == (2, 2, ["CANCELLED", "COMMITTED"])


def test_cancel_calls_back_what_is_accepted(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    _interrupt(desk, "ACCEPTED")
    (attempt,) = desk.run(unfetched(desk.ledger))
    assert desk.run(desk.caller.cancel(attempt)).state == "CANCELLED"
    assert desk.queue.cancelled == ["r1"]
    assert desk.run(desk.ledger.spent(1)) == 1_000_000
    with pytest.raises(NodeError, match="cannot be cancelled"):
        desk.run(desk.caller.cancel(desk.run(desk.ledger.get(attempt.id))))


def test_a_seed_of_ours_is_journaled_and_no_part_of_the_key(loop: VirtualLoop) -> None:
    desk = Desk(loop, Scripted())
    done = desk.call(seeded=True)
    sent = json.loads(desk.queue.posts[0])
    assert done.nonce
    assert json.loads(done.body) == sent == {"prompt": "k", "seed": sent["seed"]}
    assert desk.call(seeded=True).id == done.id


def test_seeds_are_drawn_only_where_none_was_given() -> None:
    spec = order(seeded=True).spec
    assert with_seed({"seed": 7}, spec, Random(1)) == ({"seed": 7}, False)
    assert with_seed({}, order().spec, Random(1)) == ({}, False)
    drawn = [with_seed({}, spec, Random(n))[0]["seed"] for n in range(50)]
    assert len(set(drawn)) == 50
    narrow = NodeSpec("m", "p", "t", {"seed": Field(INTEGER, minimum=0, maximum=99)}, {}, lambda _: {})
    body, nonce = with_seed({}, narrow, Random(1))
    assert 0 <= body["seed"] <= 99 and not nonce  # type: ignore[operator]
