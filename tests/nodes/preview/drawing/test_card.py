"""Storyboard cards."""

from __future__ import annotations

import pytest
from PIL import Image

from callsheet.nodes.preview.brief import hue_of
from callsheet.nodes.preview.drawing.card import TAG, plate_of
from callsheet.nodes.preview.drawing.palette import SLATE
from callsheet.nodes.preview.drawing.slate import band_height
from callsheet.spec.media import Facts

HOSTILE = [
    "",
    "   \n\t ",
    "word " * 5000,
    "x" * 20_000,
    "\x00\x07\x1b[31mred\x1b[0m\u202ertl\u2066iso\u200b\u200d\ufeff",
    "\u0301" * 500,
    "👨‍👩‍👧‍👦" * 200,
    "حارس المنارة " * 40,
    "灯塔" * 900,
    "\U000e0041\U0010ffff\ud800",
]


def image_spec(studio, width, height):
    return studio.spec({"image": "image"}, Facts(width=width, height=height))


@pytest.mark.parametrize("size", [(16, 16), (64, 64), (256, 144), (641, 359), (90, 400), (1000, 120)])
def test_a_card_has_exactly_the_size_of_the_facts(studio, size):
    path = studio.path(image_spec(studio, *size), prompt="A lighthouse at dawn")
    with Image.open(path) as card:
        assert card.size == size
        assert card.format == "PNG"


def test_a_4k_card_has_its_size_and_large_type(studio):
    path = studio.path(image_spec(studio, 3840, 2160), prompt="A lighthouse at dawn")
    with Image.open(path) as card:
        assert card.size == (3840, 2160)
        words = card.convert("L").crop((200, 1600, 1800, 1850))
        assert words.getextrema() >= (0, 235)


@pytest.mark.parametrize(
    ("asked", "form"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP"), ("gif", "PNG")]
)
def test_the_asked_format_is_written(studio, asked, form):
    path = studio.path(image_spec(studio, 160, 90), prompt="p", output_format=asked)
    with Image.open(path) as card:
        assert card.format == form


@pytest.mark.parametrize("asked", ["png", "jpeg", "webp"])
def test_every_format_carries_the_plate_without_words(studio, asked):
    path = studio.path(image_spec(studio, 480, 270), prompt="Words " * 30, output_format=asked)
    with Image.open(path) as card:
        plate = plate_of(card)
        assert plate is not None and plate.size == card.size
        words = (20, 100, 300, 220)
        assert studio.difference(plate, card, words) > 8
        top = (0, 0, 480, 30)
        assert studio.difference(plate, card, top) < 6


@pytest.mark.parametrize(
    "forged", [b"", b"callsheet plate 1\0", b"callsheet plate 1\0" + b"\xff\xd8\xff" * 40]
)
def test_a_forged_plate_is_ignored(forged):
    image = Image.new("RGB", (64, 64))
    image.getexif()[TAG] = forged
    assert plate_of(image) is None


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_any_prompt_makes_a_card(studio, prompt):
    path = studio.path(image_spec(studio, 320, 180), prompt=prompt)
    with Image.open(path) as card:
        assert card.size == (320, 180)


def test_the_band_is_opaque_slate_at_the_foot(studio):
    path = studio.path(image_spec(studio, 640, 360), prompt="sea")
    with Image.open(path) as card:
        foot = card.convert("RGB").crop((320, 358, 640, 360))
        assert foot.getextrema() == tuple((c, c) for c in SLATE)
        above = card.convert("RGB").crop((0, 0, 640, 360 - band_height(360)))
        assert above.getextrema() != foot.getextrema()


def test_two_shots_do_not_look_alike(studio):
    spec = image_spec(studio, 160, 90)
    cards = [studio.path(spec, f"clip[{i}]", prompt="the harbor", seed=7) for i in range(4)]
    opened = [Image.open(c).convert("RGB") for c in cards]
    for i, first in enumerate(opened):
        for second in opened[i + 1 :]:
            assert studio.difference(first, second, (0, 0, 160, 78)) > 6


def test_the_seed_colours_a_shot():
    assert hue_of("clip", 1) != hue_of("clip", 2)
    assert len({round(hue_of(f"clip[{i}]", 1) * 12) for i in range(40)}) >= 9


def test_several_images_are_several_cards(studio):
    spec = studio.spec({"images": "list[image]"}, Facts(width=160, height=90))
    images = studio.perform(spec, prompt="p", num_images=3)["images"]
    assert len({image.path.read_bytes() for image in images}) == 3


def test_a_card_shows_what_the_model_was_given(studio):
    spec = image_spec(studio, 320, 180)
    bare = studio.path(spec, prompt="an edit")
    shown = studio.path(spec, prompt="an edit", image_urls=[studio.picture("a.png", blue=250)])
    with Image.open(bare) as without, Image.open(shown) as with_picture:
        middle = (120, 40, 200, 120)
        assert studio.difference(without, with_picture, middle) > 20
        assert with_picture.convert("RGB").getpixel((160, 60))[2] > 200
