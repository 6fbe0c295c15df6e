"""media/color_match: the colours of a reference, measured before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageEnhance

from callsheet.nodes.local import perform
from tests.nodes.media.test_joins import near

SIZE = (160, 90)


def scene(gains: tuple[float, float, float] = (1, 1, 1), contrast: float = 1.0) -> Image.Image:
    """A picture with a sky, a field, a face and a grey ramp; gains: of red, green and blue."""
    image = Image.new("RGB", SIZE)
    for y in range(SIZE[1]):
        sky = (60 + y, 110 + y, 200 - y)
        image.paste(sky if y < 50 else (50 + y // 3, 110 - y // 4, 50), (0, y, SIZE[0], y + 1))
    image.paste((205, 155, 125), (60, 20, 95, 60))
    for x in range(80):
        image.paste((x * 3, x * 3, x * 3), (40 + x, 80, 41 + x, 88))
    parts = [
        band.point([min(255, round(value * gain)) for value in range(256)])
        for band, gain in zip(image.split(), gains, strict=True)
    ]
    return ImageEnhance.Contrast(Image.merge("RGB", parts)).enhance(contrast)


def saved(bench: Any, image: Image.Image, name: str) -> Any:
    path = bench.folder / name
    image.save(path)
    return bench.given(path)


def held(bench: Any, image: Image.Image, name: str) -> Any:
    """The picture as a video."""
    return bench.made("media/image_to_video", image=saved(bench, image, name), seconds=0.5)


@pytest.mark.parametrize(
    "other", [((0.8, 0.9, 1.15), 1.0), ((1.1, 1.0, 0.75), 1.0), ((0.7, 0.7, 0.7), 1.0), ((1, 1, 1), 0.7)]
)
def test_a_clip_of_another_tint_comes_near_the_reference(other: Any, bench: Any) -> None:
    clip, reference = held(bench, scene(*other), "other.png"), saved(bench, scene(), "wanted.png")
    outputs = bench.run("media/color_match", video=clip, reference=reference)
    assert outputs["before"] > 8 and outputs["after"] < outputs["before"] / 3 and outputs["after"] < 4
    made = bench.given(outputs["video"].path)
    assert len(bench.seen(made)) == 12
    wanted = scene().getpixel((80, 45))
    assert near(bench.seen(made)[0][1], wanted, 24)


def test_a_shot_is_a_reference_too_and_the_same_bytes_come_out(bench: Any) -> None:
    clip, reference = held(bench, scene((0.8, 1, 1.1)), "a.png"), held(bench, scene(), "b.png")
    one, two = (bench.made("media/color_match", video=clip, reference=reference) for _ in range(2))
    assert one.path.read_bytes() == two.path.read_bytes()
    nothing = bench.run("media/color_match", video=reference, reference=reference)
    assert nothing["before"] == 0 and nothing["after"] < 1


def test_strength_goes_part_of_it(bench: Any) -> None:
    image, reference = saved(bench, scene((0.7, 1, 1.2)), "a.png"), saved(bench, scene(), "b.png")
    full, half, none = (
        bench.run("media/color_match_image", image=image, reference=reference, strength=strength)
        for strength in (1, 0.5, 0)
    )
    assert none["after"] == none["before"] == full["before"]
    assert half["after"] == pytest.approx(half["before"] / 2, abs=2) and full["after"] < 4


def test_a_reference_of_one_colour_moves_the_average_and_says_so(bench: Any) -> None:
    told: list[str] = []
    job = bench.job(
        "media/color_match_image",
        image=saved(bench, scene(), "a.png"),
        reference=bench.image((64, 64), (90, 70, 60), "plain.png"),
    )
    outputs = perform(replace(job, tell=told.append))
    spans = []
    for path in (outputs["image"].path, job.params["image"].path):
        with Image.open(path) as image:
            least, most = image.convert("L").getextrema()
            spans.append(most - least)
    assert told[0] == "the reference has one colour: its average is taken, and the contrast stays"
    assert told[1].startswith(f"colours were {outputs['before']:.1f} from those of the reference, now ")
    assert spans[0] > spans[1] * 0.6


def test_a_picture_of_one_colour_gets_that_of_the_reference(bench: Any) -> None:
    outputs = bench.run(
        "media/color_match_image",
        image=bench.image((64, 64), (30, 60, 120)),
        reference=bench.image((64, 64), (120, 100, 80), "other.png"),
    )
    with Image.open(outputs["image"].path) as made:
        assert near(made.getpixel((9, 9)), (120, 100, 80), 4)
    assert outputs["after"] < 1


def test_a_reference_in_black_and_white_takes_the_colour_away(bench: Any) -> None:
    grey = scene().convert("L").convert("RGB")
    outputs = bench.run(
        "media/color_match_image", image=saved(bench, scene(), "a.png"), reference=saved(bench, grey, "g.png")
    )
    with Image.open(outputs["image"].path) as made:
        red, green, blue = made.getpixel((80, 30))
    assert max(red, green, blue) - min(red, green, blue) < 16
