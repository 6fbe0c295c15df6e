"""What a run was started with, as ledgers and plan files keep it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.runtime.plan.run_options import RunSettings
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.plan.stored_request import read_request

KEPT = (
    '{"file": "film.yaml", "sets": ["shots=[{id: one}]", "look=dusk=blue"], "inputs": "in.yaml", '
    '"only": ["clip[\\"dawn\\"]"], "out": "films", "budget": 2, "unpriced": true, "trust": false}'
)
"""As version 0.1.0 wrote it."""
REQUEST = RunRequest(
    Path("film.yaml"),
    {"shots": "[{id: one}]", "look": "dusk=blue"},
    (Path("in.yaml"),),
    ('clip["dawn"]',),
    Path("films"),
    2.0,
    unpriced=True,
)


def test_what_an_earlier_version_kept_is_read() -> None:
    assert read_request(KEPT) == REQUEST
    assert read_request('{"file": "film.yaml"}') == RunRequest(Path("film.yaml"))


def test_it_is_kept_in_the_form_of_earlier_versions() -> None:
    assert replace(REQUEST, budget=2).options().record == KEPT


def test_its_options_are_those_of_the_run() -> None:
    options = REQUEST.options(settings=RunSettings(preview=True, store="films"))
    assert (options.only, options.out, options.budget) == (REQUEST.only, REQUEST.out, 2.0)
    assert (options.unpriced, options.preview, options.store) == (None, True, "films")
    assert replace(REQUEST, unpriced=0.5).options().unpriced == 0.5


def test_new_limits_replace_those_that_were_given() -> None:
    assert REQUEST.under(None, unpriced=False) == REQUEST
    assert REQUEST.under(7.0, unpriced=0.5) == replace(REQUEST, budget=7.0, unpriced=0.5)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NAMES = st.from_regex(r"\A[a-z_][a-z0-9_]{0,8}\Z")


@given(
    st.builds(
        RunRequest,
        file=st.sampled_from([Path("film.yaml"), Path("/films/夜.yaml")]),
        sets=st.dictionaries(NAMES, TEXT, max_size=3),
        inputs=st.sampled_from([(), (Path("in.json"),), (Path("a.yaml"), Path("b.yaml"))]),
        only=st.lists(TEXT, max_size=3).map(tuple),
        budget=st.none() | st.floats(0, 1e6),
        unpriced=st.booleans() | st.floats(0, 1e6),
        trust=st.booleans(),
        profile=st.sampled_from(["", "final"]),
    )
)
def test_whatever_is_kept_is_read_again(request: RunRequest) -> None:
    assert read_request(request.options().record) == request


@pytest.mark.parametrize(
    "change",
    [
        {"file": 7},
        {"file": None},
        {"sets": "n=3"},
        {"sets": [["n", "3"]]},
        {"only": "clip"},
        {"inputs": 3},
        {"budget": "much"},
        {"trust": "yes"},
        {"more": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        read_request(json.dumps({**json.loads(KEPT), **change}))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '"film.yaml"', "film.yaml"])
def test_no_request_at_all(text: str) -> None:
    with pytest.raises(ValueError):
        read_request(text)
