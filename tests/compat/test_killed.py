"""Runs of an earlier version that were killed with requests under way: fetched, and never sent again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from callsheet.emulator import Emulator

New = Callable[[], int]
"""How many requests were sent since."""


def actions(found: Any, film: str) -> list[str]:
    return [step["action"] for step in found.json("plan", film)["steps"]]


def test_the_plan_says_that_it_is_paid(found: Any) -> None:
    assert sorted(actions(found, "killed.yaml")) == ["may change", "re-attach", "re-attach", "reuse", "reuse"]
    assert actions(found, "fetched.yaml") == actions(found, "kept.yaml") == ["re-attach"]
    assert found.json("plan", "killed.yaml")["usd"]["high"] == 0


def test_resume_fetches_what_was_accepted_and_goes_on(found: Any, remembered: New) -> None:
    out = found.say("resume", "killed-1", "--yes")
    assert out.count("fetched clip") == 4 and "done" in out
    assert Path("out/killed/film.mp4").is_file() and remembered() == 0
    assert found.say("plan", "killed.yaml").endswith("nothing to make: 5 reused\n")


def test_a_run_does_so_too(found: Any, remembered: New) -> None:
    for film in ("killed", "fetched", "kept"):
        out = found.say("run", f"{film}.yaml", "--yes", "--output", "json")
        assert json.loads(out.splitlines()[-1])["status"] == "done"
        assert found.say("plan", f"{film}.yaml").count("nothing to make") == 1
    assert Path("out/killed/film.mp4").is_file() and Path("out/kept/clip.mp4").is_file()
    assert remembered() == 0


def test_nothing_is_written_anew_to_what_was_asked_for(found: Any, remembered: New) -> None:
    query = "SELECT id, key, number, token, body, inputs, reserved FROM attempts ORDER BY id"
    before = found.rows(query)
    found.say("resume", "killed-1", "--yes")
    assert found.rows(query) == before


def test_what_is_in_doubt_stays_so_and_is_not_sent(found: Any, provider: Emulator, monkeypatch: Any) -> None:
    monkeypatch.setenv("FAL_KEY", "any")
    assert actions(found, "doubt.yaml") == ["unknown"]
    code, _, err = found.type("run", "doubt.yaml", "--yes", "--output", "plain")
    assert code == 1 and "reconcile" in err
    assert not provider.posts
