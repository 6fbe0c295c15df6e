"""Scenes read from words."""

import pytest

from callsheet.nodes.preview.scene import scene_of

READ = [
    # words, place, size, time, how many people
    ("INT. NIGHT BUS - NIGHT. Lena sits alone", "carriage", "full", "night", 1),
    ("close-up of hands on a steering wheel", "carriage", "detail", "day", 0),
    ("a wooden pier at dawn", "sea", "full", "dawn", 0),
    ("the keeper climbs a spiral stair with a lantern", "hall", "full", "day", 1),
    ("two women talk in a kitchen", "kitchen", "full", "day", 2),
    ("wide shot of a red car on a desert road at sunset", "desert", "wide", "dusk", 0),
    ("EXT. FOREST - DAY, a dog runs", "forest", "full", "day", 0),
    ("interior of a train compartment, a woman writes a letter", "carriage", "full", "day", 1),
    ("a spice market at noon, handheld, dolly in", "street", "full", "day", 0),
    ("a neon alley in tokyo, rain", "street", "full", "night", 0),
    ("medium shot of a detective in an office at night", "office", "medium", "night", 1),
    ("astronaut floats above a planet", "space", "full", "day", 1),
    ("a crowd in the rain on a city street", "city", "full", "day", 7),
    ("a bottle of perfume on white background", "plain", "full", "day", 0),
    ("macro shot of a watch", "table", "detail", "day", 0),
    ("extreme close-up of her eyes", "plain", "detail", "day", 1),
    ("a face in the window", "room", "close", "day", 1),
    ("three men on a beach at sunset", "beach", "full", "dusk", 3),
    ("a train crosses a valley", "hills", "full", "day", 0),
    ("a lighthouse keeper climbs the stairs", "hall", "full", "day", 1),
    ("the bus driver drinks coffee in a diner", "kitchen", "full", "day", 1),
    ("an old lighthouse keeper, facing the camera", "sea", "close", "day", 1),
    ("a lone tree on a hill in a storm", "hills", "full", "day", 0),
    ("a sailboat", "sea", "full", "day", 0),
]


@pytest.mark.parametrize(("words", "place", "size", "time", "people"), READ, ids=[r[0] for r in READ])
def test_words_say_where_when_how_close_and_how_many(words, place, size, time, people):
    scene = scene_of(words)
    assert (scene.place, scene.size, scene.time, len(scene.people)) == (place, size, time, people)
    assert scene.is_named


@pytest.mark.parametrize(
    ("words", "slot", "found"),
    [
        ("a street in heavy rain", "weather", "rain"),
        ("snow fields at dawn", "weather", "snow"),
        ("storm over the sea", "weather", "storm"),
        ("the harbour in fog", "weather", "fog"),
        ("a car and a dog in the street", "things", ("car", "dog")),
        ("the train leaves the station", "things", ("train",)),
        ("close-up of her hands and a letter", "part", "hands"),
        ("an extreme close-up of his eyes", "part", "eyes"),
        ("a cup and a book on the table", "objects", ("cup", "book")),
        ("a piece of paper on a desk", "objects", ("book",)),
        ("a paper boat on a flooded street", "objects", ()),
        ("a boat in the rain, gouache on rough paper", "objects", ()),
        ("a paper lantern festival at night", "objects", ("lantern",)),
    ],
)
def test_words_say_what_is_seen(words, slot, found):
    assert getattr(scene_of(words), slot) == found


def test_a_trade_is_no_thing():
    scene = scene_of("the bus driver drinks coffee in a diner")
    assert scene.things == () and scene.objects == ("cup",)


def test_words_of_the_camera_say_nothing():
    assert not scene_of("slow dolly in, static, 16mm film").is_named


def test_somebody_is_known_by_name_or_trade():
    assert [p.name for p in scene_of("Mara climbs the stairs").people] == ["mara"]
    assert [p.name for p in scene_of("an old lighthouse keeper, facing the camera").people] == ["keeper"]


def test_what_is_worn_belongs_to_who_wears_it():
    man, woman = scene_of("a man in a red coat and a woman in a blue dress").people
    assert (man.hue, woman.hue) == (0.99, 0.6)
    assert scene_of("a red-haired keeper").people[0].hair == "red"
    (pilot,) = scene_of("a young pilot in oilskins").people
    assert pilot.hue == 0.14


@pytest.mark.parametrize(
    "words",
    [
        "an empty street at night, no people",
        "a street without people or cars",
        "Nobody walks along her street",
        "a quiet beach, no one in sight, he left long ago",
        "wide shot of a deserted market, no crowd, no passengers",
        "a portrait of a harbour, no humans",
        "no men, no women, a lake",
    ],
)
def test_no_people_are_no_people(words):
    assert scene_of(words).people == ()


def test_what_is_not_there_is_not_drawn_and_the_rest_is():
    scene = scene_of("a street without any cars or rain, and a dog with a man with no hat")
    assert (scene.place, scene.weather, scene.things) == ("street", "clear", ("dog",))
    assert [(p.name, p.hat) for p in scene.people] == [("man", False)]
    assert [p.name for p in scene_of("no people but a keeper").people] == ["keeper"]
    assert [p.name for p in scene_of("the king is no longer young").people] == ["king"]


@pytest.mark.parametrize(
    ("words", "place", "weather", "things"),
    [
        ("a house in the snow", "garden", "snow", ("house",)),
        ("a small wooden cabin on a hill in a storm", "hills", "storm", ("house",)),
        ("a cottage by the sea, rain", "sea", "rain", ("house",)),
        ("a church in the desert at dusk", "desert", "clear", ("house",)),
        ("a woman in the house, snow outside the window", "room", "snow", ()),
        ("INT. COTTAGE - NIGHT. The keeper sleeps", "room", "clear", ()),
        ("the kitchen of a house", "kitchen", "clear", ()),
    ],
)
def test_a_building_is_seen_from_outside_unless_somebody_is_in_it(words, place, weather, things):
    scene = scene_of(words)
    assert (scene.place, scene.weather, scene.things) == (place, weather, things)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("Shot 3: a man on a beach", 1),
        ("Scene 2, man at the door", 1),
        ("take 4 woman walks", 1),
        ("2 men on a beach", 2),
        ("three old women", 3),
        ("Shot 2: four sailors", 4),
    ],
)
def test_the_number_of_a_shot_counts_nobody(words, count):
    assert len(scene_of(words).people) == count
