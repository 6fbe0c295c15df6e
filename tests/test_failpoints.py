"""Failpoints: each is placed, each has a name that is known, and arming one works."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from callsheet import failpoints

PACKAGE = Path(failpoints.__file__).parent


def placed() -> list[str]:
    """The names that the package passes to `reach`."""
    names = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="reach"), args=[ast.Constant(str(name))]):
                    names.append(name)
    return names


def test_each_failpoint_is_placed_and_each_place_has_a_name_that_is_known() -> None:
    assert set(placed()) == set(failpoints.NAMES)


def test_names_are_unique() -> None:
    assert len(set(failpoints.NAMES)) == len(failpoints.NAMES)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="expected name or name:nth"):
        failpoints.parse("call.somewhere")
    with pytest.raises(ValueError, match="expected name or name:nth"):
        failpoints.parse("call.after_reply:soon")


def test_the_nth_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    monkeypatch.setattr("os.kill", lambda _, number: killed.append(number))
    action = failpoints.parse("call.after_reply:2")
    with failpoints.armed(action):
        failpoints.reach("call.after_reply")
        failpoints.reach("call.after_intent")
        assert not killed
        failpoints.reach("call.after_reply")
    assert len(killed) == 1
    failpoints.reach("call.after_reply")
    assert len(killed) == 1
