"""media/mux: voice and music under a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import soundtrack
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.soundtrack import Line, Music
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.probe import probe
from callsheet.nodes.media.timeline.render import with_sound
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import AUDIO, BOOLEAN, NUMBER, VIDEO, Field, ListOf, OneOf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av import AudioFrame

VOLUME: Final = Field(NUMBER, default=0, minimum=-60, maximum=20)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "video")
    added = any(params.get(name) for name in ("voice", "music"))
    own = given.audio if params.get("keep_audio", True) else False
    return {"video": Facts(given.seconds, given.width, given.height, given.fps, added or own)}


SPEC: Final = local(
    "media/mux",
    "Voice and music under a video. The picture is copied without loss; the music steps back for the voice.",
    {
        "video": Field(VIDEO, required=True),
        "voice": Field(OneOf((AUDIO, ListOf(AUDIO)))),
        "voice_at": Field(ListOf(NUMBER)),
        "voice_start": Field(NUMBER, default=0, minimum=0),
        "voice_gap": Field(NUMBER, default=0.5, minimum=0, maximum=600),
        "voice_volume": VOLUME,
        "music": Field(AUDIO),
        "music_volume": Field(NUMBER, default=-8, minimum=-60, maximum=20),
        "ducking": Field(BOOLEAN, default=True),
        "loop_music": Field(BOOLEAN, default=True),
        "fade_out": Field(NUMBER, default=2, minimum=0, maximum=60),
        "keep_audio": Field(BOOLEAN, default=True),
        "audio_volume": VOLUME,
    },
    {"video": VIDEO, "overrun": NUMBER},
    _facts,
)
DOC: Final = {
    "video": "The video; it sets the length. As an output, the same picture with the new sound.",
    "voice": "One sound, or a list of lines laid one after the other.",
    "voice_at": "Where each line begins, in seconds; instead of `voice_start` and `voice_gap`.",
    "voice_start": "Where the first line begins, in seconds.",
    "voice_gap": "Silence between two lines, in seconds.",
    "voice_volume": "Change of the voice in dB.",
    "music": "Music for the whole length, cut to the video.",
    "music_volume": "Change of the music in dB.",
    "ducking": "Whether the music steps back while the voice sounds; `media/mix` lets you say by how much.",
    "loop_music": "Whether music shorter than the video starts again.",
    "fade_out": "How long the music fades at the end, in seconds.",
    "keep_audio": "Whether the video's own sound stays.",
    "audio_volume": "Change of the video's own sound in dB.",
    "overrun": "Seconds of voice that the video was too short for; 0 when all of it is heard.",
}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "voice": "${{ line.audio }}",
    "music": "${{ score.audio }}",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    lines = _lines(job)
    heard = soundtrack.mixed(
        clip.seconds,
        own=_own(job, clip),
        voice=spoken(job) if lines else None,
        music=music(job),
    )
    end = max((line.at + line.seconds for line in lines), default=0.0)
    overrun = round(max(0.0, end - float(clip.seconds)), 3)
    return {"video": with_sound(job, clip, heard), "overrun": overrun}


def spoken(job: Job) -> Iterator[AudioFrame]:
    """The voice: its lines at their places. Raises NodeError (*local*)."""
    return soundtrack.spoken(_lines(job), asked.number(job, "voice_volume"))


def _lines(job: Job) -> list[Line]:
    """The lines of the voice, each with its place in seconds."""
    paths = asked.files(job, "voice")
    places = asked.numbers(job, "voice_at")
    if places and len(places) != len(paths):
        raise NodeError(
            f"{job.address}: {len(paths)} lines of voice, but {len(places)} places in `voice_at`",
            "local",
            "give one number for each line",
        )
    lines: list[Line] = []
    at = asked.number(job, "voice_start")
    for i, path in enumerate(paths):
        seconds = probe(path).seconds or 0.0
        lines.append(Line(path, places[i] if places else at, seconds))
        at += seconds + asked.number(job, "voice_gap")
    return lines


def music(job: Job) -> Music | None:
    """The music that a job asks for."""
    paths = asked.files(job, "music")
    if not paths:
        return None
    return Music(
        paths[0],
        volume=asked.number(job, "music_volume"),
        loop=asked.flag(job, "loop_music"),
        fade_out=asked.number(job, "fade_out"),
        ducking=asked.flag(job, "ducking"),
    )


def _own(job: Job, clip: Clip) -> Iterator[AudioFrame] | None:
    if not clip.sound or not asked.flag(job, "keep_audio"):
        return None
    return soundtrack.louder(film.heard_of(clip), asked.number(job, "audio_volume"))
