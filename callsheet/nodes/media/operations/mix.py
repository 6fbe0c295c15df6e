"""media/mix: a film with any number of sounds under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.operations.mix_audio import (
    FILM,
    MIX,
    MIX_DOC,
    NAMES_RULE,
    PLACE,
    TRACK,
    TRACK_DOC,
    mix,
)
from callsheet.nodes.media.sound.asked import objects
from callsheet.nodes.media.timeline.render import with_sound
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import VIDEO, Field, ListOf, Record


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "video")
    return {"video": Facts(given.seconds, given.width, given.height, given.fps, audio=True)}


def _moves_the_film(params: Parameters) -> bool:
    own = [given for given in objects(params.get("tracks")) if "audio" not in given]
    return len(own) > 1 or any(name in given for given in own for name in PLACE)


SPEC: Final = local(
    "media/mix",
    "A film with any number of sounds under it: place, loudness, pan and fades of each, some stepping back"
    " while others sound. The picture is copied.",
    {
        "video": Field(VIDEO, required=True),
        "tracks": Field(ListOf(Record(TRACK)), required=True, min_items=1),
        **MIX,
    },
    {"video": VIDEO},
    _facts,
    [
        NAMES_RULE,
        Rule(
            ("tracks",),
            "a track without `audio` is the film's own sound, which is there once and has its place",
            f"add `audio`, or leave out {', '.join(f'`{name}`' for name in PLACE)}",
            _moves_the_film,
        ),
    ],
)
DOC: Final = {
    "video": "The film; it sets the length. As an output, the same picture with the new sound.",
    "tracks": "The sounds, each with `audio` (a sound, or the sound of a video). One without `audio` is the"
    f" film's own sound, named `{FILM}`; it is there as it is if no track changes it. {TRACK_DOC}",
    **MIX_DOC,
}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "tracks": """
      - {audio: "${{ line.audio }}", name: voice, at: 1}
      - {name: film, gain: -3, under: voice}
      - {audio: "${{ song.audio }}", loop: true, gain: -8, under: [voice, film], fade_out: 2}""",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    return {"video": with_sound(job, clip, mix(job, sound.samples(clip.seconds), clip))}
