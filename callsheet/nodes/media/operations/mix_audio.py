"""media/mix_audio: any number of sounds, mixed to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.ffmpeg import MAX_SECONDS
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.operation import local
from callsheet.nodes.media.sound.asked import LENGTH, SOUND, Fields, objects, sound_of, span_of
from callsheet.nodes.media.sound.mixer import Ducking, MixTrack, mixed
from callsheet.nodes.media.sound.room_tone import RoomTone, room_tone
from callsheet.nodes.media.timeline.model import Sound
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters, Rule
from callsheet.spec.types import AUDIO, BOOLEAN, NUMBER, STRING, VIDEO, Field, ListOf, OneOf, Record

if TYPE_CHECKING:
    from av import AudioFrame

FILM: Final = "film"
"""The name of the film's own sound among the tracks."""
DEPTH, ATTACK, RELEASE, THRESHOLD = 12.0, 0.25, 0.8, -40.0
TRACK: Final[Mapping[str, Field]] = {
    **SOUND.fields,
    "audio": replace(SOUND.fields["audio"], required=False),
    "name": Field(STRING),
    "pan": Field(NUMBER, minimum=-1, maximum=1),
    "mute": Field(BOOLEAN),
    "under": Field(OneOf((STRING, ListOf(STRING)))),
    "depth": Field(NUMBER, minimum=0, maximum=60),
    "attack": Field(NUMBER, minimum=0.005, maximum=10),
    "release": Field(NUMBER, minimum=0.005, maximum=30),
    "threshold": Field(NUMBER, minimum=-80, maximum=0),
}
LONGEST: Final = sound.samples(24 * 3600)
ENDS: Final = ("loop", "seconds", "fade_out")
"""What says that a track may end before its file does."""
NOTICED: Final = 0.05
"""Seconds of a track that may be cut off untold."""
PLACE: Final = ("at", "start", "seconds", "speed", "loop")
"""What the film's own sound does not have, since it lies under its picture."""
MIX: Final[Mapping[str, Field]] = {
    "limit": Field(NUMBER, default=-1, minimum=-20, maximum=0),
    "room_tone": Field(OneOf((AUDIO, VIDEO))),
}
TRACK_DOC: Final = (
    "`at`: where it begins, in seconds, 0 if left out. `start`, `seconds`: the part of it; to its end if left"
    " out. `loop`: it starts again at its end. `speed`: times as fast. `fade_in`, `fade_out`: in seconds."
    " `gain`: in dB. `pan`: from -1, only left, to 1, only right. `mute`: leaves it out. `name`: by which"
    " others step back for it. `under`: the name of the track that it steps back for, or a list of names."
    f" `depth`: by how many dB, {DEPTH:g} if left out. `attack`: seconds in which it steps back, so that it"
    f" is there when the other one begins, {ATTACK:g} if left out. `release`: seconds in which it comes"
    f" back, {RELEASE:g} if left out. `threshold`: the mean level in dB from which the other one counts,"
    f" {THRESHOLD:g} if left out."
)
MIX_DOC: Final[Mapping[str, str]] = {
    "limit": "The highest true peak of the mix, in dB. A limiter keeps to it.",
    "room_tone": "A recording, such as the film itself. Its quietest second is heard, again and again, in"
    " gaps where nothing else sounds.",
}


def _unknown_names(params: Parameters) -> bool:
    """Whether a track steps back for one that is not there."""
    tracks = objects(params.get("tracks"))
    names = {given.get("name") for given in tracks} | ({FILM} if "video" in params else set())
    return any(name not in names for given in tracks for name in _under(given))


NAMES_RULE: Final = Rule(
    ("tracks",),
    "`under` names a track that is not there",
    "give the other track this `name`",
    _unknown_names,
)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"audio": Facts(asked.known(params, "seconds") or None, audio=True)}


SPEC: Final = local(
    "media/mix_audio",
    "Sounds mixed to one: place, loudness, pan and fades of each, some stepping back while others sound.",
    {
        "tracks": Field(
            ListOf(Record({**TRACK, "audio": replace(TRACK["audio"], required=True)})),
            required=True,
            min_items=1,
        ),
        "seconds": LENGTH,
        **MIX,
    },
    {"audio": AUDIO},
    _facts,
    [NAMES_RULE],
)
DOC: Final = {
    "tracks": f"The sounds, each with `audio` (a sound, or the sound of a video). {TRACK_DOC}",
    "seconds": "Length of the mix. To the end of the last sound that is not repeated if left out.",
    **MIX_DOC,
    "audio": "A WAV file (48 kHz, stereo).",
}
EXAMPLE: Final = {
    "tracks": """
      - {audio: "${{ line.audio }}", name: voice, at: 0.5}
      - {audio: "${{ song.audio }}", loop: true, gain: -6, under: voice, depth: 14}""",
}


def run(job: Job) -> Outputs:
    total = _total(job)
    heard = mix(job, total, None)
    frames = film.watched(job, heard, total // sound.SAMPLES + 1)
    return {"audio": Made("audio", write_sound(job.workdir / "mix.wav", sound.numbered(frames)))}


def _total(job: Job) -> int:
    """Samples of the mix."""
    seconds = asked.maybe_number(job, "seconds")
    if seconds:
        return sound.samples(seconds)
    given = [one for one in objects(asked.value(job, "tracks")) if one.get("loop") is not True]
    ends = [sound_of(one, LONGEST).end for one in given if one.get("mute") is not True]
    if not ends:
        raise NodeError(f"{job.address}: every track is repeated", "local", "say how long it is: `seconds`")
    if max(ends) > sound.samples(MAX_SECONDS):
        raise NodeError(
            f"{job.address}: the mix would last {max(ends) / sound.RATE / 3600:,.1f} hours; at most"
            f" {MAX_SECONDS // 3600} are made",
            "local",
            "let its last sound begin earlier, or say how long it is: `seconds`",
        )
    return max(1, *ends)


def _under(given: Fields) -> list[str]:
    """The names of the tracks that one steps back for."""
    names = given.get("under")
    several = names if isinstance(names, list | tuple) else [names]
    return [str(name) for name in several if name is not None]


def mix(job: Job, total: int, clip: Clip | None) -> Iterator[AudioFrame]:
    """The mix that a job asks for, `total` samples. clip: whose own sound is among it."""
    there = heard_tracks(job, clip)
    _tell_what_is_cut_off(job, there, total)
    tracks = [track(given, total, clip) for given in there]
    return mixed(tracks, total, asked.number(job, "limit"), tone(job))


def heard_tracks(job: Job, clip: Clip | None) -> list[Fields]:
    """The tracks of a mix that sound, with the film's own sound where no track is about it. Raises NodeError
    (*local*)."""
    wanted = objects(asked.value(job, "tracks"))
    if _unknown_names(job.params):
        raise NodeError(f"{job.address}: {NAMES_RULE.message}", "local", NAMES_RULE.help)
    if clip is not None and clip.sound and not any(given.get("audio") is None for given in wanted):
        wanted = [{"name": FILM}, *wanted]
    return [given for given in wanted if given.get("mute") is not True and _is_there(given, clip)]


def _is_there(given: Fields, clip: Clip | None) -> bool:
    """Whether a track has a sound: a silent video has none."""
    heard = given.get("audio")
    if isinstance(heard, Artifact):
        return heard.facts.audio is not False
    return clip is not None and clip.sound


def _tell_what_is_cut_off(job: Job, tracks: Sequence[Fields], total: int) -> None:
    """Tells of tracks that go on after the end and were not asked to end with it."""
    for given in tracks:
        if given.get("audio") is None or any(given.get(name) for name in ENDS):
            continue
        over = sound_of(given, LONGEST).end - total
        if over > sound.samples(NOTICED):
            who = given.get("name") or "a track without `fade_out`"
            job.tell(f"{who} is cut off: its last {over / sound.RATE:.1f} s are after the end")


def track(given: Fields, total: int, clip: Clip | None) -> MixTrack:
    """A track as it is mixed. clip: whose own sound is meant by one without `audio`."""
    number = partial(_number, given)
    heard = sound_of(given, total) if given.get("audio") is not None else _own(given, total, clip)
    names = tuple(_under(given))
    ducking = Ducking(
        names,
        number("depth", DEPTH),
        number("attack", ATTACK),
        number("release", RELEASE),
        number("threshold", THRESHOLD),
    )
    return MixTrack(_names(given), heard, number("pan", 0.0), ducking if names else None)


def _names(given: Fields) -> tuple[str, ...]:
    """The names of a track. The film's own sound keeps `film` beside one that it is given."""
    own = {FILM} if given.get("audio") is None else set()
    name = given.get("name")
    return tuple(sorted(own | ({str(name)} if name else set())))


def _own(given: Fields, total: int, clip: Clip | None) -> Sound:
    """The film's own sound, under its picture."""
    assert clip is not None
    rise, fall = (min(total, sound.samples(_number(given, name, 0.0))) for name in ("fade_in", "fade_out"))
    gain = _number(given, "gain", 0.0)
    return Sound(clip.path, 0, total, clip.start, rise=rise, fall=fall, gain=gain)


def _number(given: Fields, name: str, default: float) -> float:
    found = asked.known(given, name)
    return default if found is None else found


def tone(job: Job) -> RoomTone | None:
    """The room tone that a job asks for. Tells the person where a recording has none."""
    found = asked.files(job, "room_tone")
    if not found:
        return None
    origin, _ = span_of(found[0])
    recorded = room_tone(lambda: sound.of_file(found[0], origin))
    if recorded is None:
        job.tell("`room_tone` is silent or too short, so gaps stay silent")
    return recorded
