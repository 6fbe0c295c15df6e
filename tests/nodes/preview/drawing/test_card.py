"""Drawn stills."""

from __future__ import annotations

import pytest
from PIL import Image

from callsheet.nodes.preview.brief import hue_of
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


@pytest.mark.parametrize(
    ("asked", "form"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP"), ("gif", "PNG")]
)
def test_the_asked_format_is_written(studio, asked, form):
    path = studio.path(image_spec(studio, 160, 90), prompt="p", output_format=asked)
    with Image.open(path) as card:
        assert card.format == form


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_any_prompt_makes_a_card(studio, prompt):
    path = studio.path(image_spec(studio, 320, 180), prompt=prompt)
    with Image.open(path) as card:
        assert card.size == (320, 180)


def test_a_still_has_no_word_in_it(studio):
    """The same scene with more words that nobody draws is the same picture."""
    spec = image_spec(studio, 320, 180)
    short, long = (
        Image.open(studio.path(spec, prompt=p)) for p in ("the harbor", "the harbor " + "zz qq " * 40)
    )
    assert studio.difference(short, long, (0, 0, 320, 180)) == 0


def test_one_prompt_is_one_scene_whatever_the_shot(studio):
    spec = image_spec(studio, 160, 90)
    cards = [Image.open(studio.path(spec, f"clip[{i}]", prompt="the harbor")) for i in range(3)]
    assert all(studio.difference(cards[0], other, (0, 0, 160, 90)) == 0 for other in cards[1:])


def test_takes_of_a_scene_differ_a_little(studio):
    spec = image_spec(studio, 160, 90)
    first, second = (Image.open(studio.path(spec, prompt="the harbor", seed=seed)) for seed in (1, 2))
    assert 0.5 < studio.difference(first, second, (0, 0, 160, 90)) < 20


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


def test_what_the_model_was_given_leaves_the_scene_visible(studio):
    spec = image_spec(studio, 320, 180)
    bare = Image.open(studio.path(spec, prompt="the harbor"))
    shown = Image.open(studio.path(spec, prompt="the harbor", image_urls=[studio.picture("a.png", blue=250)]))
    assert studio.difference(bare, shown, (120, 60, 320, 180)) < 1
    assert shown.convert("RGB").getpixel((25, 20))[2] > 200
