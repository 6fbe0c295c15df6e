"""media/crop, media/crop_image and media/split_image: what is left, to the pixel."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.operations.index import OPERATIONS
from tests.nodes.media.test_joins import near

RED, GREEN, GREY = (220, 30, 30), (30, 200, 40), (120, 120, 120)


def bordered(bench: Any, size: tuple[int, int], border: int, mode: str = "RGB") -> Any:
    """A green image with a red border."""
    image = Image.new(mode, size, RED)
    image.paste(GREEN, (border, border, size[0] - border, size[1] - border))
    path = bench.folder / f"bordered-{mode}.png"
    image.save(path)
    return bench.given(path)


def test_the_sides_of_an_image_are_cut_off(bench: Any) -> None:
    image = bordered(bench, (100, 60), 10)
    made = bench.made("media/crop_image", image=image, left=10, right=10, top=17, bottom=17)
    with Image.open(made.path) as left:
        assert left.size == (80, 40) and left.getcolors() == [(80 * 40, GREEN)]
    again = bench.made("media/crop_image", image=image, left=10, right=10, top=17, bottom=17)
    assert again.path.read_bytes() == made.path.read_bytes()


def test_transparent_parts_stay_so(bench: Any) -> None:
    path = bench.folder / "alpha.png"
    Image.new("RGBA", (64, 64), (10, 20, 30, 40)).save(path)
    made = bench.made("media/crop_image", image=bench.given(path), left=50)
    with Image.open(made.path) as left:
        assert left.size == (32, 64) and left.getpixel((0, 0)) == (10, 20, 30, 40)


@pytest.mark.parametrize(
    ("size", "params", "expected"),
    [
        ((64, 36), {"left": 25, "right": 25}, (32, 36)),
        ((65, 37), {}, (64, 36)),
        ((64, 36), {"top": 50, "left": 33}, (42, 18)),
        ((64, 36), {"left": 90}, (6, 36)),
    ],
)
def test_a_video_is_left_with_even_sides(size: Any, params: Any, expected: Any, bench: Any) -> None:
    clip = bench.clip(size=size, pixels="yuv444p" if size[0] % 2 else "yuv420p")
    made = bench.made("media/crop", video=clip, **params)
    assert (made.facts.width, made.facts.height) == expected


def test_a_video_shows_the_part_that_is_left(bench: Any) -> None:
    clip = bench.clip([GREY] * 12, size=(64, 64), turn=90, sound=(48_000, "stereo", 440))
    made = bench.made("media/crop", video=clip, left=50, top=50)
    assert len(bench.seen(made)) == 12 and near(bench.seen(made)[3][1], GREY)
    assert bench.level(made, 0.1, 0.4, 440) > -30


def test_nothing_left_is_an_error_of_the_check(bench: Any) -> None:
    rules = OPERATIONS["media/crop"].SPEC.rules
    assert any(rule.broken({"left": 60, "right": 40}) for rule in rules)
    assert not any(rule.broken({"left": 60, "right": 30}) for rule in rules)
    with pytest.raises(NodeError, match="nothing is left"):
        bench.run("media/crop_image", image=bench.image((64, 64), GREY), top=50, bottom=50)


def test_a_grid_of_nine_becomes_nine_images_row_by_row(bench: Any) -> None:
    grid = Image.new("RGB", (302, 170), (0, 0, 0))
    colors = [(20 * i + 40, 250 - 20 * i, 90) for i in range(9)]
    for i, color in enumerate(colors):
        grid.paste(color, (i % 3 * 101, i // 3 * 57, i % 3 * 101 + 100, i // 3 * 57 + 56))
    path = bench.folder / "grid.png"
    grid.save(path)
    made = bench.run("media/split_image", image=bench.given(path), gutter=1)["images"]
    assert len(made) == 9
    for one, color in zip(made, colors, strict=True):
        with Image.open(one.path) as image:
            assert image.size == (100, 56) and image.getpixel((50, 28)) == color
            assert image.getpixel((0, 0)) == color
    facts = OPERATIONS["media/split_image"].SPEC.facts(
        {"image": bench.given(path), "columns": 3, "rows": 3, "gutter": 1}
    )["images"]
    assert (facts.width, facts.height) == (100, 56)


def test_too_many_pictures_for_the_pixels(bench: Any) -> None:
    with pytest.raises(NodeError, match="64x64 pixels are too few for 5x3 pictures"):
        bench.run("media/split_image", image=bench.image((64, 64), GREY), columns=5)
