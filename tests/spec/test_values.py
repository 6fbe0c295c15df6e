"""Value trees: their leaves, where these are, and the same tree with others in their place."""

from __future__ import annotations

from pathlib import Path

from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING
from callsheet.spec.values import (
    Deferred,
    Ref,
    leaves,
    map_leaves,
    map_placed,
    place_name,
    placed_leaves,
    refs_in,
)

PICTURE = Artifact("image", Path("a.png"), "d1")
TREE = {"shots": [{"prompt": "dawn", "still": PICTURE}, (1, True, None)], "seed": 2.5}


def test_leaves_come_in_order_and_by_kind() -> None:
    assert list(leaves(TREE, object)) == ["dawn", PICTURE, 1, True, None, 2.5]
    assert list(leaves(TREE, Artifact)) == [PICTURE]
    assert list(leaves(TREE, str)) == ["dawn"]
    assert list(leaves("x", str)) == ["x"] and not list(leaves({}, object))


def test_each_leaf_has_a_place() -> None:
    places = {place_name(place): leaf for place, leaf in placed_leaves(TREE, object)}
    assert places["shots[0].still"] == PICTURE and places["shots[1][2]"] is None and places["seed"] == 2.5
    assert list(placed_leaves(PICTURE, Artifact)) == [((), PICTURE)]


def test_a_tree_is_made_anew_leaf_by_leaf() -> None:
    digests = map_leaves(TREE, lambda leaf: leaf.digest if isinstance(leaf, Artifact) else leaf)
    assert digests == {"shots": [{"prompt": "dawn", "still": "d1"}, [1, True, None]], "seed": 2.5}
    assert map_placed(TREE, lambda place, _: place_name(place)) == {
        "shots": [
            {"prompt": "shots[0].prompt", "still": "shots[0].still"},
            [f"shots[1][{i}]" for i in range(3)],
        ],
        "seed": "seed",
    }


def test_what_becomes_nothing_is_left_out() -> None:
    def without_numbers(leaf: object) -> object:
        return NOTHING if isinstance(leaf, int | float) else leaf

    assert map_leaves(TREE, without_numbers) == {"shots": [{"prompt": "dawn", "still": PICTURE}, [None]]}
    assert map_placed([1, "a"], lambda _, leaf: without_numbers(leaf)) == ["a"]
    assert map_leaves(1, without_numbers) is NOTHING


def test_references_are_found_in_expressions_too() -> None:
    late = Deferred((Ref("b", ()), Ref("c", ("x",))), lambda look_up: None)
    assert [ref.address for ref in refs_in([Ref("a", ()), {"x": late}])] == ["a", "b", "c"]
