"""How the camera moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.nodes.preview.drawing.camera import MARGIN, Move, move, times
from callsheet.nodes.preview.random import Dice

SIZE = (1280, 634)


@pytest.mark.parametrize(
    ("prompt", "pan", "tilt", "zoom"),
    [
        ("slow dolly in on the keeper", 0, 0, 1),
        ("The camera pushes in", 0, 0, 1),
        ("zoom out to reveal the bay", 0, 0, -1),
        ("pull back", 0, 0, -1),
        ("Pan left across the harbor", -1, 0, 0),
        ("camera pans to the right", 1, 0, 0),
        ("tilt up to the lamp", 0, -1, 0),
        ("crane down", 0, 1, 0),
        ("pan left and zoom in", -1, 0, 1),
        ("a static shot, pan left is what we avoid", 0, 0, 0),
        ("locked-off, tripod", 0, 0, 0),
    ],
)
def test_the_words_of_the_prompt_move_the_camera(prompt, pan, tilt, zoom):
    asked = move(prompt, Dice(1))
    signs = [(v > 0) - (v < 0) for v in (asked.pan, asked.tilt, asked.zoom)]
    assert signs == [pan, tilt, zoom]


def test_without_words_the_seed_moves_it():
    assert move("a harbor", Dice(1)) == move("a harbor", Dice(1))
    assert len({move("a harbor", Dice(i)) for i in range(12)}) > 6


def test_the_camera_begins_on_the_whole_picture():
    assert Move(0.1, -0.1, 0.2).box(0, SIZE) == (0, 0, *SIZE)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-0.5, 1), st.floats(0, 1))
def test_the_camera_never_leaves_the_margin(pan, tilt, zoom, time):
    left, top, right, bottom = Move(pan, tilt, zoom).box(time, SIZE)
    slack = 1e-6
    assert -MARGIN * SIZE[0] - slack <= left < right <= (1 + MARGIN) * SIZE[0] + slack
    assert -MARGIN * SIZE[1] - slack <= top < bottom <= (1 + MARGIN) * SIZE[1] + slack
    assert (right - left) / SIZE[0] == pytest.approx((bottom - top) / SIZE[1])


@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(0, 1), st.floats(0, 1))
def test_only_what_moves_out_sees_beyond_the_picture(pan, tilt, zoom, time):
    left, top, right, bottom = Move(pan, tilt, zoom).box(time, SIZE)
    assert left >= -1e-6 and top >= -1e-6
    assert right <= SIZE[0] + 1e-6 and bottom <= SIZE[1] + 1e-6


def test_times_run_from_nothing_to_all():
    assert list(times(3)) == [0, 0.5, 1]
    assert list(times(1)) == [0]
