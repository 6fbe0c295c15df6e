"""What an instance waits for is told at once when it changes, and at least once a minute."""

import itertools

import pytest

from callsheet.runtime.calls.questions import Waiting
from callsheet.runtime.events import Event, NodeFinished, NodeStarted, NodeWaiting, Stream
from callsheet.runtime.execute.waiting import LOOK, SILENCE, WaitingEvents

MINUTE = 60.0


class Run:
    """A run whose clock stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.events: list[Event] = []
        self.stream = Stream(self.events.append, "film-1")
        self.waiting = WaitingEvents(self.stream, lambda: self.now)

    def after(self, seconds: float) -> None:
        """Let time pass as the event loop of a run does."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + LOOK, end)
            self.waiting.remind()

    def told(self) -> list[NodeWaiting]:
        found = [event for event in self.events if isinstance(event, NodeWaiting)]
        self.events.clear()
        return found


@pytest.fixture
def run() -> Run:
    return Run()


def states(events: list[NodeWaiting]) -> list[tuple[str, str, float | None]]:
    return [(event.state, event.trouble, event.seconds) for event in events]


def test_it_is_told_once_a_minute_from_the_start_on(run: Run) -> None:
    assert SILENCE + LOOK < MINUTE
    run.stream(NodeStarted("clip", "fal-ai/veo3", "fal"))
    run.after(40)
    assert run.told() == []
    run.after(10 * MINUTE)
    told = run.told()
    assert len(told) >= 10
    assert {event.state for event in told} == {"started"}
    gaps = [b.seconds - a.seconds for a, b in itertools.pairwise(told) if a.seconds and b.seconds]
    assert max(gaps) <= MINUTE


def test_news_are_told_at_once_and_the_same_only_after_a_minute(run: Run) -> None:
    run.stream(NodeStarted("clip", "fal-ai/veo3", "fal"))
    for waiting in (Waiting("queued", 3), Waiting("queued", 3), Waiting("running"), Waiting("running")):
        run.after(5)
        run.waiting.tell("clip", waiting)
    assert states(run.told()) == [("queued", "", None), ("running", "", None)]
    run.waiting.tell("clip", Waiting("fetching", None, "the file host answers 520"))
    assert states(run.told()) == [("fetching", "the file host answers 520", None)]
    run.after(SILENCE)
    assert states(run.told()) == [("fetching", "the file host answers 520", 70.0)]


def test_what_is_over_is_told_no_more(run: Run) -> None:
    run.stream(NodeStarted("clip", "fal-ai/veo3", "fal"))
    run.waiting.tell("clip", Waiting("queued"))
    run.stream(NodeFinished("clip", "fal-ai/veo3", 8.0, 0.5))
    run.told()
    run.after(10 * MINUTE)
    assert run.told() == []
