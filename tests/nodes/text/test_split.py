"""text/split, way by way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.errors import NodeError
from callsheet.nodes.text.split import sentences

STORY = "Dr. Mara M. Keene climbs. “Nobody comes!” she says… It is 6.30 p.m.\nThe lamp turns.\n\nDawn"


@pytest.mark.parametrize(
    ("params", "parts"),
    [
        ({"text": " one \r\n\r\ntwo\rthree "}, ["one", "two", "three"]),
        ({"text": "a\nb\n \nc\n\n\nd", "by": "paragraphs"}, ["a\nb", "c", "d"]),
        ({"text": "one two  three\nfour", "by": "words", "words": 3}, ["one two three", "four"]),
        ({"text": "a --- b---c---", "by": "separator", "separator": "---"}, ["a", "b", "c"]),
        ({"text": "夜。灯台が光る！朝", "by": "sentences"}, ["夜。", "灯台が光る！", "朝"]),
        ({"text": "  \n\n ", "by": "sentences"}, []),
        (
            {"text": STORY, "by": "sentences"},
            [
                "Dr. Mara M. Keene climbs.",
                "“Nobody comes!”",
                "she says…",
                "It is 6.30 p.m. The lamp turns.",
                "Dawn",
            ],
        ),
    ],
)
def test_parts(run, params, parts):
    assert run("text/split", **params)["parts"] == parts


def test_too_many_parts_are_refused(run):
    with pytest.raises(NodeError, match=r"20,000 parts; at most 10,000") as caught:
        run("text/split", text="x\n" * 20_000)
    assert caught.value.kind == "local" and "coarser" in caught.value.next_step


@given(st.text(alphabet="ab .!?…。\n\"'”A", max_size=200))
def test_sentences_lose_no_word(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
