"""Drawn scenes: every place, the same in every shape, and people who stay who they are."""

import pytest
from PIL import Image, ImageChops, ImageStat

from callsheet.nodes.preview import lexicon
from callsheet.nodes.preview.drawing.objects import OBJECTS
from callsheet.nodes.preview.drawing.people import Look
from callsheet.nodes.preview.drawing.scenery import INSIDE, OUTSIDE, WEATHERS, plate
from callsheet.nodes.preview.drawing.things import THINGS
from callsheet.nodes.preview.scene import scene_of

SIZE = (192, 108)


def difference(first: Image.Image, second: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(first, second)).mean)


def test_everything_that_words_can_say_is_drawn():
    assert set(OUTSIDE) == set(lexicon.OUTSIDE)
    assert set(INSIDE) == set(lexicon.INSIDE)
    assert set(THINGS) == set(lexicon.THINGS)
    assert set(OBJECTS) == set(lexicon.OBJECTS)
    assert set(WEATHERS) == set(lexicon.WEATHERS)


def test_no_two_places_look_alike():
    words = [
        phrases.split(", ")[0] for table in (lexicon.OUTSIDE, lexicon.INSIDE) for phrases in table.values()
    ]
    drawn = [plate(word, SIZE) for word in words]
    for i, first in enumerate(drawn):
        assert all(difference(first, other) > 6 for other in drawn[i + 1 :]), words[i]


@pytest.mark.parametrize("thing", [*lexicon.THINGS, *lexicon.OBJECTS])
def test_a_thing_is_seen(thing):
    word = {**lexicon.THINGS, **lexicon.OBJECTS}[thing].split(", ")[0]
    assert difference(plate("in the park", SIZE), plate(f"a {word} in the park", SIZE)) > 0.1


@pytest.mark.parametrize("said", ["at night", "at dusk", "at dawn", "in fog", "in heavy rain", "in snow"])
def test_time_and_weather_change_the_light(said):
    assert difference(plate("a street", SIZE), plate(f"a street {said}", SIZE)) > 3


def test_a_night_is_darker_than_a_day():
    day, night = (plate(f"the mountains at {time}", SIZE).convert("L") for time in ("noon", "night"))
    assert ImageStat.Stat(night).mean[0] < ImageStat.Stat(day).mean[0] / 2


def test_a_scene_is_the_same_in_every_shape():
    """Sky and ground have the same colours, wide and tall."""
    wide, tall = plate("a wooden pier at dawn", (320, 180)), plate("a wooden pier at dawn", (180, 320))
    for at in ((0.5, 0.02), (0.9, 0.3), (0.5, 0.7), (0.5, 0.97)):
        a, b = (
            image.getpixel((round(at[0] * image.width), round(at[1] * image.height)))
            for image in (wide, tall)
        )
        assert max(abs(x - y) for x, y in zip(a, b, strict=True)) < 32


def test_a_character_keeps_its_look_over_the_film():
    shots = [
        "the keeper climbs the stairs",
        "close-up of the keeper",
        "a storm; the keeper at the window at night",
    ]
    looks = {Look.of(scene_of(shot).people[0]) for shot in shots}
    assert len(looks) == 1
    others = {
        Look.of(scene_of(f"the {who} waits").people[0]) for who in ("pilot", "sailor", "doctor", "king")
    }
    assert len(others | looks) == 5


def test_more_people_are_more_people():
    empty, one, seven = (plate(f"{who} on a beach", SIZE) for who in ("nobody", "a man", "a crowd"))
    assert 0 < difference(empty, one) < difference(empty, seven)
