"""Transitions: which picture is where, when, and that only what overlaps is encoded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import av
import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.local import perform
from callsheet.nodes.media.codec.frames import of_image, to_image
from callsheet.nodes.media.codec.transition_names import NAMES
from callsheet.nodes.media.codec.transitions import TRANSITIONS, between
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.conform import problems

from .test_joins import counted, near

RED, BLUE, BLACK, WHITE = (220, 30, 30), (30, 40, 210), (0, 0, 0), (255, 255, 255)
LEFT, RIGHT, TOP, BOTTOM, MIDDLE = (4, 32), (124, 32), (64, 4), (64, 60), (64, 32)


def halfway(kind: str, share: float = 0.5) -> Any:
    """A picture of a transition from red to blue, 128 pixels wide and 64 high."""
    old, new = (of_image(Image.new("RGB", (128, 64), color)) for color in (RED, BLUE))
    return to_image(between(kind, old, new, share))


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("wipe_left", {LEFT: RED, RIGHT: BLUE}),
        ("wipe_right", {LEFT: BLUE, RIGHT: RED}),
        ("wipe_up", {TOP: RED, BOTTOM: BLUE}),
        ("wipe_down", {TOP: BLUE, BOTTOM: RED}),
        ("slide_left", {LEFT: RED, RIGHT: BLUE}),
        ("push_down", {TOP: BLUE, BOTTOM: RED}),
        ("barn_door", {LEFT: RED, MIDDLE: BLUE, RIGHT: RED}),
        ("iris", {LEFT: RED, MIDDLE: BLUE, RIGHT: RED}),
        ("clock", {LEFT: RED, RIGHT: BLUE}),
        ("dip_to_black", {MIDDLE: BLACK}),
        ("dip_to_white", {MIDDLE: WHITE}),
        ("dissolve", {MIDDLE: (125, 35, 120)}),
        ("blur", {MIDDLE: (125, 35, 120)}),
    ],
)
def test_half_of_a_transition(kind: str, places: dict[Any, Any]) -> None:
    seen = halfway(kind)
    assert all(near(seen.getpixel(place), color) for place, color in places.items())


@pytest.mark.parametrize("kind", sorted(TRANSITIONS))
def test_every_transition_begins_with_the_old_and_ends_with_the_new_picture(kind: str) -> None:
    assert near(halfway(kind, 0.0).getpixel(MIDDLE), RED) and near(halfway(kind, 1.0).getpixel(MIDDLE), BLUE)


def test_each_name_is_drawn() -> None:
    assert tuple(TRANSITIONS) == NAMES


def test_a_slide_covers_the_old_picture_and_a_push_moves_it() -> None:
    old = Image.new("RGB", (128, 64), RED)
    old.paste(WHITE, (0, 0, 64, 64))
    new = Image.new("RGB", (128, 64), BLUE)
    slid, pushed = (
        to_image(between(kind, of_image(old), of_image(new), 0.5)) for kind in ("slide_left", "push_left")
    )
    assert near(slid.getpixel(LEFT), WHITE) and near(pushed.getpixel(LEFT), RED)
    assert near(slid.getpixel(RIGHT), BLUE) and near(pushed.getpixel(RIGHT), BLUE)


@pytest.mark.parametrize(
    ("transition", "length", "place"),
    [
        ("wipe_left", 72, 30),
        ({"kind": "wipe_left", "seconds": 0.5}, 84, 42),
        ({"kind": "wipe_left"}, 72, 30),
    ],
)
def test_a_timeline_names_the_transition_of_a_cut(
    transition: Any, length: int, place: int, bench: Any
) -> None:
    one, two = bench.clip([RED] * 48), bench.clip([BLUE] * 48)
    film = bench.made("media/timeline", clips=[{"video": one}, {"video": two, "transition": transition}])
    assert counted(film) == length
    with av.open(str(film.path)) as file:
        seen = [frame.to_image() for frame in file.decode(video=0)][place]
    assert near(seen.getpixel((2, 18)), RED) and near(seen.getpixel((61, 18)), BLUE)


def test_seconds_without_a_kind_are_a_dissolve(bench: Any) -> None:
    one, two = bench.clip([RED] * 24), bench.clip([BLUE] * 24)
    films = [
        bench.made("media/timeline", clips=[{"video": one}, {"video": two, "transition": transition}])
        for transition in (0.5, {"seconds": 0.5})
    ]
    assert films[0].path.read_bytes() == films[1].path.read_bytes()


def test_a_crossfade_has_one_transition_or_one_for_each_cut(bench: Any) -> None:
    clips = [bench.clip([color] * 24) for color in (RED, BLUE, RED)]
    film = bench.made(
        "media/crossfade", videos=clips, seconds=0.5, transition=["dip_to_black", "dip_to_white"]
    )
    colors = [color for _, color in bench.seen(film)]
    assert len(colors) == 48
    assert max(colors[17]) < 50 and min(colors[29]) > 190
    plain, named = (
        bench.made("media/crossfade", videos=clips, seconds=0.5, **more)
        for more in ({}, {"transition": "dissolve"})
    )
    assert plain.path.read_bytes() == named.path.read_bytes()
    with pytest.raises(NodeError, match="1 transitions for 2 cuts"):
        bench.run("media/crossfade", videos=clips, seconds=0.5, transition=["iris"])


def test_videos_at_places_come_in_without_moving(bench: Any) -> None:
    clips = [bench.clip([color] * 48) for color in (RED, BLUE, RED)]
    film = bench.made(
        "media/concat", videos=clips, at=[0, 1, 2], transition={"kind": "dip_to_white", "seconds": 0.5}
    )
    colors = [color for _, color in bench.seen(film)]
    assert len(colors) == 96 and near(colors[23], RED) and min(colors[29]) > 190
    assert near(colors[36], BLUE) and near(colors[47], BLUE) and min(colors[53]) > 190
    hard, melted = (
        bench.made("media/concat", videos=clips, seconds=1, **more) for more in ({}, {"transition": 0.2})
    )
    assert counted(hard) == counted(melted) == 72
    with pytest.raises(NodeError, match=r"a transition of 1 s is longer than video 2 is shown, 0\.5 s"):
        bench.run("media/concat", videos=clips, at=[0, 1, 1.5], transition="iris")
    rules = OPERATIONS["media/concat"].SPEC.rules
    assert any(rule.broken({"videos": clips, "transition": "iris"}) for rule in rules)
    assert not any(rule.broken({"videos": clips, "transition": "iris", "seconds": 2}) for rule in rules)


def test_only_the_transition_is_encoded_where_parts_are_kept(bench: Any) -> None:
    kept: dict[str, Any] = {}

    def part(what: Any, make: Any) -> Any:
        path = bench.folder / f"part-{uuid4()}.mp4"
        make(path)
        kept[repr(what)] = path
        return path

    first = replace(bench.clip([RED] * 24), digest="a" * 64)
    second = replace(bench.clip([BLUE] * 24), digest="b" * 64)
    clips = [{"video": first}, {"video": second, "transition": {"kind": "iris", "seconds": 0.5}}]
    perform(replace(bench.job("media/timeline", clips=clips), parts=part))
    assert sum("iris" in what for what in kept) == 1
    before = len(kept)
    clips[1]["transition"] = {"kind": "clock", "seconds": 0.5}
    perform(replace(bench.job("media/timeline", clips=clips), parts=part))
    assert [what for what in list(kept)[before:] if "clock" not in what] == []


def test_a_wrong_name_is_an_error_of_the_check() -> None:
    field = OPERATIONS["media/crossfade"].SPEC.inputs["transition"]
    assert not list(problems(field, "wipe_left")) and not list(problems(field, ["iris", "clock"]))
    (problem,) = problems(field, "wipeleft")
    assert "wipe_left" in f"{problem.message} {problem.help}"
    clip = {"video": "https://example.com/a.mp4"}
    clips = OPERATIONS["media/timeline"].SPEC.inputs["clips"]
    (problem,) = problems(clips, [{**clip, "transition": "disolve"}])
    assert "dissolve" in f"{problem.message} {problem.help}"
    assert list(problems(clips, [{**clip, "transition": -1}]))
    assert list(problems(clips, [{**clip, "transition": {"kind": "iris", "secnds": 1}}]))


def test_a_wrong_name_that_is_known_late_is_an_error_with_a_next_step(bench: Any) -> None:
    one, other = (bench.clip([color] * 24) for color in (RED, BLUE))
    for uses, params in (
        ("media/crossfade", {"videos": [one, other], "seconds": 0.5, "transition": "melt"}),
        ("media/crossfade", {"videos": [one, other], "seconds": 0.5, "transition": ["melt"]}),
        ("media/concat", {"videos": [one, other], "at": [0, 0.8], "transition": {"kind": "melt"}}),
        ("media/timeline", {"clips": [{"video": one}, {"video": other, "transition": "melt"}]}),
    ):
        with pytest.raises(NodeError, match='`transition` is "melt"') as found:
            bench.run(uses, **params)
        assert "dissolve" in found.value.next_step


def test_clips_of_callsheet_are_copied_around_a_transition(bench: Any) -> None:
    slow = [(i, 90, 200 - i) for i in range(144)]
    clips = [
        replace(bench.made("media/crop", video=bench.clip(colors)), digest=name * 64)
        for name, colors in (("a", slow), ("b", slow[::-1]))
    ]
    kept: dict[str, Any] = {}

    def part(what: Any, make: Any) -> Any:
        path = bench.folder / f"part-{uuid4()}.mp4"
        make(path)
        kept[repr(what)] = path
        return path

    job = bench.job("media/crossfade", videos=clips, seconds=0.5, transition="iris")
    film = bench.given(perform(replace(job, parts=part))["video"].path)
    # The transition, and the second clip from there to its next key picture, 2 s from its beginning at most.
    encoded = sum(counted(bench.given(path)) for path in kept.values())
    assert 12 <= encoded <= 48
    colors = [color for _, color in bench.seen(film)]
    one, two = ([color for _, color in bench.seen(clip)] for clip in clips)
    assert len(colors) == 276 and colors[:132] == one[:132] and colors[180:] == two[48:]


def test_a_part_from_a_key_picture_on_is_copied(bench: Any) -> None:
    made = bench.made("media/crop", video=bench.clip([(i, 90, 200 - i) for i in range(120)]))
    part = bench.made("media/trim", video=made, start=2, seconds=2)
    whole = [color for _, color in bench.seen(made)]
    assert [color for _, color in bench.seen(part)] == whole[48:96]
