"""How long a run will take and what it may come to, from what is foreseen of each instance."""

from callsheet.runtime.plan.draft import Step
from callsheet.runtime.plan.estimate import Durations, cost, time
from callsheet.runtime.plan.forecast import Action, Forecast


def foreseen(
    address: str, action: Action, needs: tuple[str, ...] = (), uses: str = "fake/image", **step: object
) -> Forecast:
    made = {"usd": 0.5, "seconds": 10.0, **step}
    return Forecast(Step(address, address, uses, "fal", needs, facts={}, **made), action, "")


def took(**seconds: list[float]) -> Durations:
    """A history: name of an endpoint → what its results took, newest first."""
    return lambda uses: seconds.get(uses.partition("/")[2], [])


STORY = [
    foreseen("still", "make"),
    foreseen("clip", "may change", ("still",), "fake/video"),
    foreseen("voice", "re-attach", (), "fake/voice"),
    foreseen("film", "make", ("clip", "voice"), "fake/join", seconds=1.0),
]


def test_without_a_history_the_longest_chain_is_guessed():
    found = time(STORY, took())
    assert (found.seconds, found.path, found.measured) == (21.0, ("still", "clip", "film"), 0)


def test_this_project_s_own_history_counts_more_than_the_guess():
    found = time(STORY, took(video=[60.0, 40.0, 300.0]))
    assert (found.seconds, found.path, found.measured) == (71.0, ("still", "clip", "film"), 1)


def test_what_took_long_here_makes_another_chain_the_longest():
    found = time(STORY, took(voice=[90.0], join=[2.0]))
    assert (found.seconds, found.path, found.measured) == (92.0, ("voice", "film"), 2)


def test_what_is_here_or_waits_for_a_person_takes_no_time():
    here = [foreseen("still", "reuse"), foreseen("clip", "make", ("still",)), foreseen("film", "blocked")]
    assert time(here, took()).path == ("clip",)
    assert time(here[:1], took()).seconds == 0.0


def test_the_worst_case_is_the_price_where_nothing_can_be_worse():
    prices = [(0.1, "make"), (0.2, "make"), (1.2, "may change"), (0.7, "may change"), (0.04, "make")]
    found = cost([foreseen(str(at), action, usd=usd) for at, (usd, action) in enumerate(prices)])
    assert found.worst == found.high


def test_what_only_another_way_needs_counts_in_the_worst_case_alone():
    spare = foreseen("still", "skipped", spare=True, most=1.5)
    found = cost([foreseen("clip", "make", most=2.0), spare])
    assert (found.low, found.high, found.worst) == (0.5, 0.5, 3.5)
    left_out = foreseen("still", "skipped", most=1.5)
    assert cost([foreseen("clip", "make", most=2.0), left_out]).worst == 2.0
