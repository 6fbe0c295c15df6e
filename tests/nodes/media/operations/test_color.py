"""media/color and media/color_image, measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.cube import MOST_BYTES, read_cube
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from tests.nodes.media.test_joins import near

GREY = (100, 100, 100)


def colored(bench: Any, color: Any, **params: Any) -> Any:
    """One colour through `media/color_image`."""
    made = bench.made("media/color_image", image=bench.image((64, 64), color), **params)
    with Image.open(made.path) as image:
        return image.getpixel((32, 32))


def cube_file(path: Path, text: str) -> Artifact:
    path.write_text(text, encoding="utf-8")
    return Artifact("file", path)


def table(steps: int, change: Any) -> str:
    places = [i / (steps - 1) for i in range(steps)]
    rows = [change(r, g, b) for b in places for g in places for r in places]
    return f"LUT_3D_SIZE {steps}\n" + "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in rows)


@pytest.mark.parametrize(
    ("params", "color", "expected"),
    [
        ({}, (200, 120, 40), (200, 120, 40)),
        ({"exposure": 1}, GREY, (137, 137, 137)),
        ({"exposure": -1}, GREY, (73, 73, 73)),
        ({"exposure": 5}, GREY, (255, 255, 255)),
        ({"contrast": 2}, (96, 128, 160), (64, 128, 192)),
        ({"contrast": 0}, (10, 200, 90), (128, 128, 128)),
        ({"saturation": 0}, (200, 120, 40), (131, 131, 131)),
        ({"saturation": 2}, (140, 130, 120), (149, 129, 109)),
        ({"temperature": 100}, GREY, (115, 98, 84)),
        ({"temperature": -100}, GREY, (87, 101, 118)),
    ],
)
def test_each_parameter_does_what_it_says(params: Any, color: Any, expected: Any, bench: Any) -> None:
    assert near(colored(bench, color, **params), expected, 3)


def test_a_lut_is_applied_as_it_says(bench: Any, tmp_path: Path) -> None:
    swapped = cube_file(
        tmp_path / "swap.cube", 'TITLE "swap"\n# a note\n' + table(17, lambda r, g, b: (b, r, g))
    )
    assert near(colored(bench, (200, 120, 40), lut=swapped), (40, 200, 120), 4)
    assert near(colored(bench, (200, 120, 40), lut=swapped, lut_strength=0.5), (120, 160, 80), 4)
    curve = "LUT_1D_SIZE 3\n0 0 0\n0.25 0.5 0.75\n1 1 1\n"
    assert near(colored(bench, (128, 128, 128), lut=cube_file(tmp_path / "c.cube", curve)), (64, 128, 191), 4)
    ranged = "DOMAIN_MIN 0 0 0\nDOMAIN_MAX 2 2 2\n" + table(3, lambda r, g, b: (r, g, b))
    assert near(
        colored(bench, (200, 200, 200), lut=cube_file(tmp_path / "d.cube", ranged)), (100, 100, 100), 3
    )


def test_a_video_keeps_its_length_and_sound_and_gets_the_colours(bench: Any) -> None:
    clip = bench.clip([GREY] * 24, sound=(48_000, "stereo", 440))
    made = bench.made("media/color", video=clip, exposure=1)
    colors = [color for _, color in bench.seen(made)]
    assert len(colors) == 24 and all(near(color, (137, 137, 137), 4) for color in colors)
    assert bench.level(made, 0.2, 0.8, 440) == pytest.approx(bench.level(clip, 0.2, 0.8, 440), abs=0.5)


def test_a_vignette_leaves_the_middle_and_darkens_the_corners(bench: Any) -> None:
    made = bench.made("media/color_image", image=bench.image((320, 180), GREY), vignette=0.5)
    with Image.open(made.path) as image:
        middle, side, corner = (image.getpixel(place)[0] for place in ((160, 90), (0, 90), (1, 1)))
    assert middle == pytest.approx(100, abs=2) and corner == pytest.approx(63, abs=4)
    assert corner < side < middle


def spread(path: Path) -> tuple[float, float]:
    """Mean and standard deviation of the brightness of an image."""
    with Image.open(path) as image:
        counts = image.convert("L").histogram()
    total = sum(counts)
    mean = sum(i * n for i, n in enumerate(counts)) / total
    return mean, (sum(n * (i - mean) ** 2 for i, n in enumerate(counts)) / total) ** 0.5


def test_grain_is_noise_of_its_seed_and_never_the_same_twice(bench: Any) -> None:
    image = bench.image((320, 180), GREY)
    one, same, other = (
        bench.made("media/color_image", image=image, grain=0.5, seed=seed).path for seed in (1, 1, 2)
    )
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()
    mean, deviation = spread(one)
    assert mean == pytest.approx(100, abs=1) and deviation == pytest.approx(11.6, abs=1)
    clip = bench.clip([GREY] * 6, size=(320, 180))
    films = [bench.made("media/color", video=clip, grain=0.5) for _ in range(2)]
    assert films[0].path.read_bytes() == films[1].path.read_bytes()
    frames = {color for _, color in bench.seen(films[0])}
    assert len(frames) > 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no .cube file: it has no LUT_3D_SIZE"),
        ("hello there\n", "is no .cube file: it has no LUT_3D_SIZE"),
        ("0 0 0\n", "line 1 has a colour before the size"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 7, "has 7 colours; LUT_3D_SIZE 2 needs 8"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 9, "has 9 colours"),
        ("LUT_3D_SIZE 2\n0 nan 0\n", "has 0 nan 0 in line 2, which is no colour"),
        ("LUT_3D_SIZE 2\nnan 0 0\n", "has nan 0 0 in line 2, which is no colour"),
        ("LUT_3D_SIZE 2\n0 1e999 0\n", "in line 2, which is no colour"),
        ("LUT_3D_SIZE 2\n0 0\n", "has 2 numbers in line 2"),
        ("LUT_3D_SIZE 2\n0 0 ?\n", 'line 2 is "0 0 \\?"'),
        ("LUT_3D_SIZE 1000\n", "has 1000 steps in LUT_3D_SIZE; 2 to 65 are read"),
        ("LUT_3D_SIZE\n", "has 0 steps"),
        ("LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n", "a curve and a table in one"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 0 1 1\n" + "0 0 0\n" * 8, "DOMAIN_MIN that is not below"),
        ("LUT_3D_SIZE 2\n\0", "is no .cube file, which is a text"),
    ],
)
def test_what_is_no_cube_is_refused(text: str, message: str, bench: Any, tmp_path: Path) -> None:
    lut = cube_file(tmp_path / "look.cube", text)
    with pytest.raises(NodeError, match=message):
        colored(bench, GREY, lut=lut)
    (rule,) = (rule for rule in OPERATIONS["media/color"].SPEC.rules if "lut" in rule.parameters)
    assert rule.broken({"lut": lut}) and re.search(message, rule.said({"lut": lut}))


def test_a_huge_cube_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.cube"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(NodeError, match="MiB large; at most 16 MiB are read"):
        read_cube(path)


def test_odd_turned_and_transparent_inputs(bench: Any) -> None:
    odd = bench.made("media/color_image", image=bench.image((65, 37), GREY), exposure=1)
    with Image.open(odd.path) as image:
        assert image.size == (65, 37) and near(image.getpixel((64, 36)), (137, 137, 137), 4)
    turned = bench.clip([GREY] * 6, turn=90)
    assert bench.given(bench.made("media/color", video=turned, exposure=1).path).facts.width == 36
    path = bench.folder / "alpha.png"
    Image.new("RGBA", (64, 64), (255, 255, 255, 0)).save(path)
    made = bench.made("media/color_image", image=bench.given(path), exposure=1)
    with Image.open(made.path) as image:
        assert near(image.getpixel((3, 3)), (0, 0, 0), 3)
    deep = bench.folder / "deep.png"
    Image.new("I;16", (64, 64), 100 * 257).save(deep)
    made = bench.made("media/color_image", image=bench.given(deep), exposure=1)
    with Image.open(made.path) as image:
        assert near(image.getpixel((3, 3)), (137, 137, 137), 3)
