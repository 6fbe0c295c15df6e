"""A newer version of an operation makes local results again and buys nothing again.

behind.tar.gz is a project with a paid call behind each operation, as an earlier version of callsheet left it.
"""

from __future__ import annotations

import json
import tarfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from callsheet.emulator import Emulator
from callsheet.nodes.media.operations.index import MODULES, OPERATIONS

from .conftest import HERE, Found

FILM = "behind.yaml"
BEHIND = sorted(path.parent.name for path in HERE.glob("*/behind.tar.gz"))
CALLS = "SELECT count(*) FROM attempts"


@pytest.fixture(params=BEHIND)
def behind(request: pytest.FixtureRequest, in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Found:
    with tarfile.open(HERE / request.param / "behind.tar.gz") as archive:
        archive.extractall(in_folder, filter="data")
    return Found(request.param, in_folder, capsys)


def raise_version(monkeypatch: pytest.MonkeyPatch, *names: str, version: str = "2") -> None:
    for name in names or MODULES:
        module = import_module(f"callsheet.nodes.{MODULES[name]}")
        monkeypatch.setattr(module, "SPEC", replace(module.SPEC, version=version))


def ended(found: Found) -> dict[str, Any]:
    """How a run of the film ends."""
    out = found.say("run", FILM, "--yes", "--output", "json")
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert last["status"] == "done" and last["usd"] == 0
    return last


def steps(found: Found) -> dict[str, dict[str, Any]]:
    return {step["address"]: step for step in found.json("plan", FILM)["steps"]}


def test_the_film_has_a_paid_call_behind_each_operation(behind: Found) -> None:
    nodes = found_nodes(behind)
    used = {
        uses for uses, needs in nodes.values() if not uses.startswith(("media/", "text/")) for uses in needs
    }
    assert used >= set(first())


def found_nodes(behind: Found) -> dict[str, tuple[str, set[str]]]:
    """Node → what it uses, and what the nodes use that it needs."""
    listed = steps(behind)
    return {a: (step["uses"], {listed[need]["uses"] for need in step["needs"]}) for a, step in listed.items()}


def test_every_operation_has_its_first_version_and_nothing_is_made_again(
    behind: Found, provider: Emulator
) -> None:
    assert {name: OPERATIONS[name].SPEC.version for name in first()} == first()
    before = behind.rows(CALLS)
    assert {step["action"] for step in steps(behind).values()} == {"reuse"}
    assert ended(behind)["made"] == 0
    assert behind.rows(CALLS) == before and not provider.posts


def first() -> dict[str, str]:
    """The operations of the first release."""
    names = (HERE / "0.1.0" / "operations.txt").read_text(encoding="utf-8").split()
    return dict.fromkeys(names, "1")


def test_with_every_version_raised_local_results_are_made_again_and_nothing_is_bought(
    behind: Found, provider: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "any")
    before = behind.rows(CALLS)
    raise_version(monkeypatch)
    assert ended(behind)["made"] == sum(uses in OPERATIONS for uses, _ in found_nodes(behind).values())
    assert behind.rows(CALLS) == before and not provider.posts
    assert {step["action"] for step in steps(behind).values()} == {"reuse"}
    raise_version(monkeypatch, version="3")
    ended(behind)
    assert behind.rows(CALLS) == before and not provider.posts


@pytest.mark.parametrize("name", ["media/frame", "media/trim", "media/mux", "text/split"])
def test_one_raised_version_buys_nothing(
    name: str, behind: Found, provider: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_version(monkeypatch, name)
    paid = {a: step for a, step in steps(behind).items() if step["usd"]}
    if name.startswith("media/"):
        assert {step["action"] for step in paid.values()} == {"reuse"}
    else:
        monkeypatch.setenv("FAL_KEY", "any")
        assert {step["action"] for step in paid.values()} == {"reuse", "may change"}
    ended(behind)
    assert not provider.posts


def test_a_reused_call_says_what_it_was_made_from_and_a_retake_buys_it(
    behind: Found, provider: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_version(monkeypatch, "media/trim")
    planned = steps(behind)
    reason = "made from the former version of media/trim"
    assert {a for a, step in planned.items() if step["reason"] == reason} == {
        "after_trim",
        "after_frame",
        "after_fitted",
    }
    assert reason in behind.say("plan", FILM, "--verbose")
    monkeypatch.setenv("FAL_KEY", "any")
    behind.say("retake", FILM, "after_frame")
    assert steps(behind)["after_frame#2"]["action"] == "make"
    behind.say("run", FILM, "--yes", "--output", "quiet")
    assert len(provider.posts) == 1
