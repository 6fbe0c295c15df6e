"""A price that this project's own bills tell: three of equal calls, the highest is reserved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.emulator import Emulator

Typed = Callable[..., tuple[int, str, str]]
FILM = """
callsheet: 1
name: harbour
axes:
  shot: {{over: [{shots}]}}
nodes:
  card:
    each: shot
    uses: fal-ai/kolors
    with: {{prompt: "a harbour, ${{{{ shot }}}}", {more}}}
outputs:
  cards: ${{{{ card.images }}}}
"""


@pytest.fixture
def provider(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A provider that bills what the catalogue does not know."""
    with Emulator(tiny=True, endpoints={"fal-ai/kolors": {"price": 0.05}}) as emulator:
        monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
        monkeypatch.setenv("FAL_KEY", "test")
        yield emulator


def film(*shots: str, **more: object) -> None:
    said = ", ".join(f"{name}: {value}" for name, value in {"image_size": "square", **more}.items())
    Path("film.yaml").write_text(FILM.format(shots=", ".join(shots), more=said), encoding="utf-8")


def bought(callsheet: Typed, *shots: str, **more: object) -> None:
    film(*shots, **more)
    code, _, err = callsheet("run", "film.yaml", "--yes", "--unpriced")
    assert code == 0, err


def planned(callsheet: Typed, *shots: str, **more: object) -> dict[str, Any]:
    film(*shots, **more)
    found: dict[str, Any] = json.loads(callsheet("plan", "film.yaml", "--json")[1])
    return found


def test_three_bills_of_equal_calls_are_a_price(provider: Emulator, callsheet: Typed) -> None:
    bought(callsheet, "a", "b")
    assert planned(callsheet, "a", "b", "c")["usd"]["unpriced"] == 1
    bought(callsheet, "c")
    found = planned(callsheet, "a", "d")
    assert found["usd"]["high"] == 0.05 and found["usd"]["unpriced"] == 0
    assert found["steps"][1]["price"]["origin"] == "observed"
    text = callsheet("plan", "film.yaml")[1]
    assert "prices of this project's own bills count for fal-ai/kolors (20" in text
    assert "as this project was billed before" in callsheet("plan", "film.yaml", "-v")[1]
    assert "$0.05 as this project was billed before" in callsheet("explain", "film.yaml", 'card["1"]')[1]


def test_a_call_that_is_not_equal_has_no_observed_price(provider: Emulator, callsheet: Typed) -> None:
    bought(callsheet, "a", "b", "c")
    assert planned(callsheet, "d", image_size="square_hd")["usd"]["unpriced"] == 1
    assert planned(callsheet, "d", num_inference_steps=10)["usd"]["unpriced"] == 1
    assert planned(callsheet, "d", seed=7)["usd"]["unpriced"] == 0, "a seed costs nothing"


def test_the_highest_of_unequal_bills_is_reserved(provider: Emulator, callsheet: Typed) -> None:
    provider.fault("bill_tenfold,times=1")
    bought(callsheet, "a")
    bought(callsheet, "b", "c")
    found = planned(callsheet, "d")
    assert (found["usd"]["low"], found["usd"]["high"]) == (0.05, 0.5)
    assert "not billed alike" in found["steps"][0]["price"]["why"][0]
    code, _, err = callsheet("run", "film.yaml", "--budget", "0.49")
    assert code == 1 and "$0.50" in err


def test_hand_knowledge_stands_behind_the_bills(provider: Emulator, callsheet: Typed) -> None:
    uses = "fal-ai/flux/dev"
    film("a", "b", "c")
    text = Path("film.yaml").read_text(encoding="utf-8").replace("fal-ai/kolors", uses)
    Path("film.yaml").write_text(text, encoding="utf-8")
    before = json.loads(callsheet("plan", "film.yaml", "--json")[1])
    assert before["steps"][0]["price"]["origin"] == "formula"
    provider.fault("bill_tenfold")
    assert callsheet("run", "film.yaml", "--yes")[0] == 0
    Path("film.yaml").write_text(text.replace("[a, b, c]", "[d]"), encoding="utf-8")
    after = json.loads(callsheet("plan", "film.yaml", "--json")[1])
    assert after["steps"][0]["price"]["origin"] == "observed"
    assert after["steps"][0]["usd"] == pytest.approx(10 * before["steps"][0]["usd"])
