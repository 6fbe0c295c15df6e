"""Views of a moving camera: as exact as a filter that costs eight times as much, and bounded in memory."""

from __future__ import annotations

from math import log10

import pytest
from PIL import Image, ImageChops, ImageStat

from callsheet.nodes.preview.drawing import motion
from callsheet.nodes.preview.drawing.camera import Move
from callsheet.nodes.preview.drawing.motion import Still, covering, moving, roaming
from callsheet.nodes.preview.drawing.scenery import plate

SIZE = (640, 360)
PLACES = (0.1, 0.37, 0.5, 0.81, 1.0)


@pytest.fixture(scope="module")
def scene():
    return covering(plate("a train at a platform at midnight, rain", SIZE), SIZE)


def decibels(first, second):
    error = ImageStat.Stat(ImageChops.difference(first, second)).sum2[0] / (first.width * first.height)
    return 10 * log10(255**2 / max(error, 1e-9))


def bicubic(scene, move, place):
    """The same view of a picture inside of its edges, scaled with care."""
    return scene[0].resize(SIZE, Image.Resampling.BICUBIC, move.box(place, SIZE))


@pytest.mark.parametrize("move", [Move(zoom=0.2), Move(pan=0.1, tilt=-0.05)])
def test_views_are_those_of_a_bicubic_filter(scene, move):
    still = Still(scene)
    found = [decibels(still.seen(move.box(at, SIZE))[0], bicubic(scene, move, at)) for at in PLACES]
    assert still.fine == motion.FINE and min(found) > 42


@pytest.mark.parametrize("beyond", [False, True])
def test_the_picture_at_rest_is_the_picture(scene, beyond):
    seen = Still(scene, beyond).seen((0, 0, *SIZE))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(seen, scene, strict=True))


def test_a_picture_that_would_grow_too_large_is_scaled_for_each_view(scene, monkeypatch):
    monkeypatch.setattr(motion, "MOST_PIXELS", SIZE[0] * SIZE[1] * motion.FINE**2 - 1)
    still, move = Still(scene), Move(zoom=0.2)
    assert still.fine == 1 and still.planes[0].size == SIZE
    assert decibels(still.seen(move.box(0.5, SIZE))[0], bicubic(scene, move, 0.5)) > 38


@pytest.mark.parametrize("move", [Move(pan=0.11), Move(tilt=-0.1, zoom=-0.16), Move(pan=-0.2, tilt=0.2)])
def test_no_view_lies_outside_of_what_there_is(scene, move):
    """At each moment, also where rounding puts an edge a hair beyond the picture."""
    for reel in (moving(scene, move, 97), roaming(scene, move, 97)):
        assert [planes[0].size for planes in reel] == [SIZE] * 97
