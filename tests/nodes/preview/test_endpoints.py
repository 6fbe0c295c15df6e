"""Real endpoints of the catalogue, performed small."""

from __future__ import annotations

import dataclasses

import pytest

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import frames as planes
from callsheet.nodes.media.codec.writer import VideoWriter, write_sound
from callsheet.nodes.media.probe import identify, probe
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.stand_in import StandIn
from callsheet.nodes.registry import Registry
from callsheet.spec.conform import delivered
from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING, ListOf, Maybe, Media, OneOf, Record, media_in

EVERY = 60
WORDS = StandIn("a quiet harbor at dawn with boats", Dice(1))


def some_endpoints():
    """Every sixtieth endpoint, and one of each family that this provider treats in its own way."""
    names = sorted(n for n in Registry().all() if not n.startswith(("media/", "hf/")))
    marked = ("extend", "lipsync", "first-last", "reference-to-video", "effects", "speech", "image-to-3d")
    firsts = (next((n for n in names if mark in n), None) for mark in marked)
    return sorted({*names[::EVERY], *(n for n in firsts if n)})


@pytest.fixture
def media(studio):
    path = studio.folder / "video.mp4"
    with VideoWriter(path, (64, 48), 24, sound.numbered(sound.silence(0.25))) as writer:
        for i in range(6):
            writer.write(planes.filled((64, 48), (40 + 10 * i, 100, 150)))
    heard = write_sound(studio.folder / "sound.mp3", sound.numbered(sound.silence(0.25)))
    image = studio.picture("image.png", (64, 48))
    return {
        "image": image,
        "video": Artifact("video", path, facts=probe(path)),
        "audio": Artifact("audio", heard, facts=probe(heard)),
        "file": image,
    }


def value(field, media, name, t=None):
    """A value for a parameter: its default, a file, or a stand-in."""
    match t or field.type:
        case Media(kind):
            return media[kind]
        case Maybe(inner):
            return value(field, media, name, inner)
        case ListOf(item):
            return [value(field, media, name, item) for _ in range(max(1, field.min_items or 1))]
        case Record(fields):
            return {key: value(f, media, key) for key, f in fields.items()}
        case OneOf(options):
            return value(field, media, name, options[0])
    return field.default if field.default is not NOTHING else WORDS.of_type(field.type, name, field)


def small(facts):
    """The same kind of result, a few pixels and frames of it."""
    return {
        name: dataclasses.replace(
            f,
            seconds=f.seconds and min(f.seconds, 0.25),
            width=f.width and min(f.width, 64),
            height=f.height and min(f.height, 48),
        )
        for name, f in facts.items()
    }


@pytest.mark.parametrize("uses", some_endpoints())
def test_an_endpoint_delivers_what_its_spec_promises(studio, media, uses):
    spec = Registry().find(uses)
    wanted = {n: f for n, f in spec.inputs.items() if f.required or any(media_in(f.type))}
    params = {name: value(field, media, name) for name, field in wanted.items()}
    facts = small(spec.facts(params))
    out = studio.perform(dataclasses.replace(spec, facts=lambda _: facts), **params)
    files = []

    def keep(made, place):
        assert made.kind == "file" or identify(made.path) == made.kind
        files.append(made.path)
        return media[made.kind]

    assert delivered(spec.outputs, out, keep).keys() == out.keys()
    assert len(set(files)) == len(files)
