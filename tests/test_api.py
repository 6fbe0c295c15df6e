"""The public names of `callsheet`, and how its values show themselves."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.runtime.events import Event

LIGHTHOUSE = Path(__file__).parents[1] / "examples/lighthouse/film.yaml"
FILM = """\
callsheet: 1
name: film
nodes:
  card: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ shot }}"}}
axes: {shot: {over: ["<b>", dusk], key: "${{ shot }}"}}
outputs: {cards: "${{ card.images }}"}
"""


@pytest.fixture
def film(in_folder: Path) -> Path:
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return Path("film.yaml")


def test_every_public_name_is_there() -> None:
    assert callsheet.__all__ == sorted(callsheet.__all__)
    assert dir(callsheet) == sorted([*callsheet.__all__, "__version__", "plugin", "webhook"])
    for name in dir(callsheet):
        assert getattr(callsheet, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        callsheet.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_names_are_those_of_the_things_themselves() -> None:
    """So that an error message or a page names what a user can import."""
    things = [getattr(callsheet, name) for name in callsheet.__all__ if name != "Event"]
    assert [thing.__name__ for thing in things] == [name for name in callsheet.__all__ if name != "Event"]


def test_every_event_is_public() -> None:
    assert {event.__name__ for event in get_args(Event)} <= set(callsheet.__all__)


def test_importing_callsheet_is_cheap() -> None:
    script = "import sys, callsheet; print(sorted(m for m in sys.modules if m.startswith('callsheet')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['callsheet', 'callsheet._version']"


def test_a_pipeline_error_says_the_first_errors_with_their_places(in_folder: Path) -> None:
    nodes = "".join(f"  n{i}: {{uses: no/such}}\n" for i in range(5))
    Path("film.yaml").write_text(f"callsheet: 1\nnodes:\n{nodes}", encoding="utf-8")
    with pytest.raises(callsheet.PipelineError) as raised:
        callsheet.load("film.yaml")
    head, *lines, last = str(raised.value).splitlines()
    assert head == "5 errors in the pipeline" and last == "  and 2 more"
    assert [line.split(": ")[:2] for line in lines] == [
        ["  film.yaml:3:14", "unknown-uses"],
        ["  film.yaml:4:14", "unknown-uses"],
        ["  film.yaml:5:14", "unknown-uses"],
    ]


def test_values_fit_on_a_screen() -> None:
    found = callsheet.check(LIGHTHOUSE)
    assert repr(found.graph) == "<Graph lighthouse: 3 nodes, 10 instances>"
    plan = callsheet.plan(LIGHTHOUSE)
    assert repr(plan) == "<Plan of lighthouse: 10 make, $5.09>"
    broken = callsheet.check(LIGHTHOUSE, {"her": "a cat"})
    assert broken.diagnostics and all(len(repr(d)) < 400 for d in broken.diagnostics)


def test_a_plan_is_a_table_in_a_notebook(film: Path) -> None:
    html = callsheet.plan(film)._repr_html_()
    assert html.startswith("<table><caption>film: 2 make, ")
    assert html.count("<tr>") == 3 and "card[&quot;&lt;b&gt;&quot;]" in html and "<b>" not in html


def test_a_result_knows_its_cost(film: Path, seller: Emulator) -> None:
    planned = callsheet.plan(film)
    result = callsheet.run(film, confirm=True)
    assert (result.status, result.usd) == ("done", planned.usd) and result.usd > 0
    assert repr(callsheet.plan(film)) == "<Plan of film: 2 reuse, $0.00>"


def test_a_result_is_a_table_in_a_notebook(film: Path) -> None:
    result = callsheet.run(film, preview=True)
    assert repr(result) == "<Result done: cards, $0.00>"
    html = result._repr_html_()
    assert html.count("<tr>") == 3 and ">out/film/preview/cards-dusk" in html
