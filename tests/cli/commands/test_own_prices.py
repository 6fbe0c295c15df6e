"""A price file of a project: it may come with a clone, so that it is read as a stranger's."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.runtime.check import check, load
from callsheet.runtime.grants import Grants, needs_of
from callsheet.runtime.prepare import prepare
from callsheet.runtime.workspace import Workspace
from callsheet.spec.permissions import PERMISSIONS

Typed = Callable[..., tuple[int, str, str]]
FILM = """
callsheet: 1
name: harbour
nodes:
  card:
    uses: {uses}
    with: {{prompt: a harbour}}
outputs:
  card: ${{{{ card.images[0] }}}}
"""


def film(prices: str, uses: str = "fal-ai/kolors") -> None:
    Path("models").mkdir()
    Path("models/prices.yaml").write_text(prices, encoding="utf-8")
    Path("film.yaml").write_text(FILM.format(uses=uses), encoding="utf-8")


def planned(callsheet: Typed) -> tuple[str, dict[str, object]]:
    return callsheet("plan", "film.yaml")[1], json.loads(callsheet("plan", "film.yaml", "--json")[1])


def test_a_price_of_ones_own_counts_where_nobody_knows_one(in_folder: Path, callsheet: Typed) -> None:
    film("fal-ai/kolors: {unit: image, usd: 0.02, date: 2026-11-01}\n")
    text, data = planned(callsheet)
    assert "1 to make: $0.02" in text and "models/prices.yaml count for fal-ai/kolors" in text
    assert data["steps"][0]["price"] == {"origin": "yours", "date": "2026-11-01"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("{usd: 1}", "`unit` is missing"),
        ("{unit: image}", "a price has `usd`, or `rates`"),
        ("{unit: image, usd: 1, rates: [{usd: 2}]}", "`usd` is short for a single rate"),
    ],
)
def test_a_part_that_is_missing_or_twice_is_named(
    in_folder: Path, callsheet: Typed, price: str, said: str
) -> None:
    film(f"fal-ai/kolors: {price}\n")
    code, _, err = callsheet("plan", "film.yaml")
    assert code != 0 and "models/prices.yaml:1:" in err and said in err and "None" not in err


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere.yaml")])
def test_a_file_that_cannot_be_read_is_no_missing_file(
    in_folder: Path, callsheet: Typed, make: Callable[[Path], None]
) -> None:
    film("")
    Path("models/prices.yaml").unlink()
    make(Path("models/prices.yaml"))
    code, _, err = callsheet("plan", "film.yaml")
    assert code != 0 and "prices.yaml" in err


def test_a_lower_price_than_is_known_does_not_count(in_folder: Path, callsheet: Typed) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    text, data = planned(callsheet)
    assert "$0.03" in text and "models/prices.yaml line 1 says less for fal-ai/flux/dev" in text
    assert data["steps"][0]["price"]["lower"] == "models/prices.yaml line 1"  # type: ignore[index]


def test_that_a_model_of_unknown_price_costs_nothing_counts_once_a_person_grants_it(
    in_folder: Path, callsheet: Typed
) -> None:
    film("fal-ai/kolors: {unit: image, usd: 0}\n")
    text, data = planned(callsheet)
    assert "unpriced" in text and data["usd"]["unpriced"] == 1  # type: ignore[index]
    assert "--own-price fal-ai/kolors" in text
    free = json.loads(callsheet("plan", "film.yaml", "--json", "--own-price", "fal-ai/kolors")[1])
    assert free["usd"]["unpriced"] == 0 and free["usd"]["high"] == 0


def test_a_higher_one_does(in_folder: Path, callsheet: Typed) -> None:
    film("fal-ai/flux/dev: {unit: image, rates: [{usd: 2, when: {num_images: 1}}]}\n", "fal-ai/flux/dev")
    assert "1 to make: $2.00" in planned(callsheet)[0]


@pytest.mark.parametrize(
    ("prices", "place", "says"),
    [
        ("fal-ai/kolors: {unit: image, usd: -1}", (1, 35), "no price"),
        ("fal-ai/kolors: {unit: image, usd: .nan}", (1, 35), "finite"),
        ("fal-ai/kolors: {unit: image, usd: 1e308}", (1, 35), "no price"),
        ("fal-ai/kolors: {unit: image, usd: cheap}", (1, 35), "no number"),
        ("fal-ai/kolors: {unit: image, usd: true}", (1, 35), "no number"),
        ("fal-ai/kolors: {unit: smile, usd: 1}", (1, 23), "no unit"),
        ("fal-ai/kolors: {unit: each, usd: 1}", (1, 23), "unit of an extra only"),
        ("fal-ai/kolors: {unit: image}", (1, 16), "`rates`"),
        ("fal-ai/kolors: {unit: image, usd: 1, colour: red}", (1, 46), "no part of a price"),
        (
            "fal-ai/kolors: {unit: image, rates: [{usd: 1, when: {sound: true}}]}",
            (1, 61),
            "no parameter sound",
        ),
        ("fal-ai/kolors: {unit: image, rates: [{usd: 1, when: {'@moon': full}}]}", (1, 63), "no condition"),
        ("fal-ai/kolors: {unit: [image], usd: 1}", (1, 23), "no unit"),
        ("fal-ai/kolors: {unit: image, usd: 1, minimum: 3}", (1, 47), "a minimum is a mapping"),
        ("fal-ai/kolors: {unit: image, usd: 1, minimum: {usd: -5}}", (1, 53), "no price"),
        ("fal-ai/kolors: {unit: image, usd: 1, minimum: {outputs: a}}", (1, 57), "no number"),
        ("fal-ai/kolors: {unit: image, usd: 1, round: 5}", (1, 45), "a rounding is a mapping"),
        ("fal-ai/kolors: {unit: megapixel, usd: 1, round: {to: 0}}", (1, 54), "above 0"),
        ("fal-ai/kolors: {unit: image, usd: 1, quantity: 7}", (1, 48), "a quantity is 1"),
        ("fal-ai/kolors: {unit: second, usd: 1, quantity: {like: moon}}", (1, 56), "no parameter moon"),
        (
            "fal-ai/kolors: {unit: second, usd: 1, quantity: {frames: seed, per: 0}}",
            (1, 69),
            "a number above 0",
        ),
        ("fal-ai/kolors: {unit: image, usd: 1, defaults: {moon: 1}}", (1, 55), "no parameter moon"),
        ("fal-ai/kolors: {unit: image, usd: 1, date: tomorrow}", (1, 44), "no day"),
        ("fal-ai/kolors: {unit: image, usd: 1, date: 2026-13-01}", (1, 44), "no day"),
        ("fal-ai/kolors: {unit: image, usd: 1, stated: [1]}", (1, 46), "no part of a price"),
        (
            "fal-ai/kolors: {unit: image, rates: [{usd: 1, when: {'@above': {seed: x}}}]}",
            (1, 64),
            "mapping of a parameter to a number",
        ),
        (
            "fal-ai/kolors: {unit: image, rates: [{usd: 1, when: {'@pixels_up_to': big}}]}",
            (1, 71),
            "no number",
        ),
        (
            "fal-ai/kolors: {unit: image, usd: 1, plus: [{usd: 1, unit: each}]}",
            (1, 45),
            "of which parameter",
        ),
        (
            "fal-ai/kolors: {unit: image, usd: 1, plus: [{usd: 1, unit: second, above: many}]}",
            (1, 75),
            "no number",
        ),
        ("fal-ai/kolors: {unit: image, usd: 1, date: 2199-01-01}", (1, 44), "is still to come"),
        ("fal-ai/kolors: {unit: image, usd: 1, factors: [{times: -2}]}", (1, 56), "no factor"),
        ("media/concat: {unit: image, usd: 1}", (1, 1), "runs on this machine"),
        ("fal-ai/kolors: 3", (1, 16), "a price is a mapping"),
        ("fal-ai/kolorz: {unit: image, usd: 1}", (1, 1), "nothing is called"),
        ("[1, 2]", (1, 1), "a mapping of endpoints"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    prices: str, place: tuple[int, int], says: str, in_folder: Path
) -> None:
    film(prices + "\n")
    found = check("film.yaml").diagnostics
    wrong = [d for d in found if d.span.source.path.name == "prices.yaml" and d.severity == "error"]
    assert wrong and says in wrong[0].message
    assert wrong[0].span.source.position(wrong[0].span.start) == place


def test_a_lower_price_counts_once_a_person_grants_it(
    in_folder: Path, callsheet: Typed, seller: Emulator
) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    assert "--own-price fal-ai/flux/dev" in planned(callsheet)[0]
    cheap = json.loads(callsheet("plan", "film.yaml", "--json", "--own-price", "fal-ai/flux/dev")[1])
    assert cheap["usd"]["high"] == 0.001 and cheap["steps"][0]["price"]["origin"] == "yours"
    assert planned(callsheet)[1]["usd"] == {**cheap["usd"], "low": 0.025, "high": 0.025, "worst": 0.025}, (
        "it was granted for one command"
    )
    code, _, err = callsheet("run", "film.yaml", "--budget", "0.01")
    assert code == 1 and "costs at least $0.03" in err and not seller.posts
    assert callsheet("run", "film.yaml", "--budget", "0.01", "--own-price", "fal-ai/flux/dev")[0] == 0


def test_a_program_grants_it_for_one_call(in_folder: Path, seller: Emulator) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    graph = load("film.yaml")
    assert callsheet.plan(graph).usd == 0.025
    assert callsheet.plan(graph, own_prices=["fal-ai/flux/dev"]).usd == 0.001
    with pytest.raises(InputError, match=r"costs at least \$0.03"):
        callsheet.run(graph, budget=0.01)
    assert not seller.posts
    callsheet.run(graph, budget=0.01, own_prices=["fal-ai/flux/dev"])
    assert len(seller.posts) == 1
    assert PERMISSIONS.get().prices == frozenset()


def test_a_grant_is_for_this_price_alone(in_folder: Path, callsheet: Typed) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    need = next(iter(needs_of(prepare(load("film.yaml"), Workspace.here(), fetch=False).plan)))
    assert need.kind == "price" and "$0.001" in str(need)
    Grants(Path()).remember([need])
    assert "1 to make: $0.001" in planned(callsheet)[0]
    Path("models/prices.yaml").write_text("fal-ai/flux/dev: {unit: image, usd: 0.0001}\n", encoding="utf-8")
    assert "says less for fal-ai/flux/dev" in planned(callsheet)[0]


def test_a_price_that_is_not_granted_stops_no_run(
    in_folder: Path, callsheet: Typed, seller: Emulator
) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    assert callsheet("run", "film.yaml", "--yes")[0] == 0
    assert "$0.03" in callsheet("runs")[1]


def test_a_person_at_the_terminal_is_asked_once(
    in_folder: Path, callsheet: Typed, seller: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    monkeypatch.setattr("sys.stdin", Answers("n\n"))
    assert "Count the lower price" in callsheet("run", "film.yaml", "--budget", "0.01")[1]
    monkeypatch.setattr("sys.stdin", Answers("y\ny\n"))
    code, out, _ = callsheet("run", "film.yaml", "--budget", "0.01")
    assert code == 0 and "1 to make: $0.001" in out


class Answers(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_models_show_has_the_price_of_ones_own(in_folder: Path, callsheet: Typed) -> None:
    film("fal-ai/flux/dev: {unit: image, usd: 0.001}\n", "fal-ai/flux/dev")
    _, out, _ = callsheet("models", "show", "fal-ai/flux/dev")
    assert "yours   images × $0.001" in out and "models/prices.yaml line 1 is less than is known" in out
    shown = json.loads(callsheet("models", "show", "fal-ai/flux/dev", "--json")[1])
    assert shown["own_price"]["counts"] is False and shown["price"]["usd_with_defaults"] == 0.025
