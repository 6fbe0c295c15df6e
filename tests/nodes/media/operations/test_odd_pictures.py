"""What changes pictures takes those of every kind: HDR, alpha, 16 bits, with tracks that are no picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.nodes.media.codec.test_color import hdr_clip
from tests.nodes.media.test_joins import counted, near

GREY, RED = (90, 90, 90), (220, 30, 30)
OF_VIDEOS: dict[str, dict[str, Any]] = {
    "media/color": {"vignette": 0.0},
    "media/crop": {"left": 25},
    "media/freeze": {"seconds": 0.5},
    "media/loop": {"times": 2},
    "media/ramp": {"speeds": [{"at": 0, "speed": 2}]},
    "media/reverse": {},
}


def shown(path: Path) -> Any:
    """The middle of an image."""
    with Image.open(path) as image:
        return image.getpixel((image.width // 2, image.height // 2))


@pytest.mark.parametrize("uses", sorted(OF_VIDEOS))
def test_hdr_looks_as_everywhere(uses: str, bench: Any) -> None:
    hdr = hdr_clip(bench._new("hdr.mp4"), bench)
    made = bench.made(uses, video=hdr, **OF_VIDEOS[uses])
    expected, found = (shown(bench.made("media/frame", video=video).path) for video in (hdr, made))
    assert near(found, expected, 8)


def test_hdr_is_a_reference_and_is_matched(bench: Any) -> None:
    hdr, plain = hdr_clip(bench._new("hdr.mp4"), bench), bench.clip([GREY] * 12)
    one = bench.run("media/color_match", video=hdr, reference=plain)
    other = bench.run("media/color_match", video=plain, reference=hdr)
    assert one["after"] < 1.5 and other["after"] < 1.5 and one["before"] == other["before"] > 20


@pytest.mark.parametrize("uses", sorted(OF_VIDEOS))
def test_a_transparent_video_is_black_where_nothing_is(uses: str, bench: Any) -> None:
    clip = bench.clip(
        [GREY] * 12, name="alpha.webm", codec="libvpx-vp9", pixels="yuva420p", options={"lossless": "1"}
    )
    made = bench.made(uses, video=clip, **OF_VIDEOS[uses])
    assert near(bench.seen(made)[1][1], bench.seen(bench.made("media/fit", video=clip, aspect="16:9"))[1][1])


@pytest.mark.parametrize(
    ("uses", "params", "size"),
    [
        ("media/crop_image", {"left": 50}, (32, 64)),
        ("media/color_image", {"contrast": 1.0}, (64, 64)),
        ("media/split_image", {"columns": 2, "rows": 2}, (32, 32)),
    ],
)
def test_a_depth_map_keeps_its_grey(uses: str, params: Any, size: Any, bench: Any) -> None:
    path = bench.folder / "depth.png"
    Image.new("I;16", (64, 64), 100 * 257).save(path)
    outputs = bench.run(uses, image=bench.given(path), **params)
    made = next(iter(outputs.values()))
    made = made[0] if isinstance(made, list) else made
    with Image.open(made.path) as image:
        pixel = image.convert("RGB").getpixel((5, 5))
        assert image.size == size and near(pixel, (100, 100, 100), 2)


def test_a_clip_of_variable_rate_is_reversed_in_time(bench: Any) -> None:
    times = [0, 40, 80, 120, 600, 640, 680, 720]
    clip = bench.clip([RED] * 4 + [GREY] * 4, times=times, fps=25)
    made = bench.made("media/reverse", video=clip)
    colors = [color for _, color in bench.seen(made)]
    assert near(colors[0], GREY) and near(colors[-1], RED)
    assert abs(counted(made, 25) - counted(bench.made("media/speed", video=clip, factor=1), 25)) <= 1


def test_a_cube_is_not_read_from_a_folder(bench: Any, tmp_path: Path) -> None:
    from callsheet.nodes.media.operations.index import OPERATIONS
    from callsheet.spec.media import Artifact

    rules = OPERATIONS["media/color"].SPEC.rules
    assert not any(rule.broken({"lut": Artifact("file", tmp_path)}) for rule in rules)
