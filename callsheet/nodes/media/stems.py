"""The sound of a film in parts: dialogue, music, effects and what its clips bring, each as long as the film.

The parts are mixed as the operation mixes them, stepping back for each other; only the limiter comes after
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import soundtrack
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.writer import sound_stream, whole_file
from callsheet.nodes.media.operations import mix_audio, mux, timeline
from callsheet.nodes.media.sound.asked import Fields, objects
from callsheet.nodes.media.sound.mixer import MixTrack, parts
from callsheet.nodes.media.sound.room_tone import under
from callsheet.nodes.media.timeline.model import Sound
from callsheet.nodes.media.timeline.sound import Placed, laid, placed, sounds_of_cuts
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job

if TYPE_CHECKING:
    from av import AudioFrame

PRODUCTION: Final = "production"
"""The part that the clips of the film bring themselves."""
ROLES: Final = ("dialogue", "music", "effects", PRODUCTION)
RoleOf = Callable[[Artifact, str], str]
"""(a sound, the name of its track) → the role that it has."""
Own = Mapping[str, Path]
"""Role → a file that is heard as the film's own sound."""
Parts = Mapping[str, Callable[[], Iterator["AudioFrame"]]]
"""Role → begins to mix the part."""


def stems(job: Job, role_of: RoleOf, own: Own | None = None) -> Parts:
    """The parts of the sound that an operation lays under its film; none for one that lays no sound.

    own: the parts of its video's own sound, if they are known. Raises NodeError (*local*).
    """
    match job.spec.uses:
        case "media/mix":
            return _of_mix(job, role_of, own)
        case "media/mux":
            return _of_mux(job, own)
        case "media/timeline":
            return _of_timeline(job, role_of)
    return {}


def stem_roles(job: Job, role_of: RoleOf, own: Sequence[str] = ()) -> tuple[str, ...]:
    """The parts that `stems` finds, in the order of ROLES, without opening a sound. own: the parts of its
    video's own sound, if they are known. Raises NodeError (*local*)."""
    found: set[str] = set()
    match job.spec.uses:
        case "media/mix":
            clip = film.clips(job, "video")[0]
            for given in mix_audio.heard_tracks(job, clip):
                is_own = given.get("audio") is None
                found |= set(own or (PRODUCTION,)) if is_own else {_role(given, role_of)}
            found |= {PRODUCTION} if asked.files(job, "room_tone") else set()
        case "media/mux":
            clip = film.clips(job, "video")[0]
            keeps = clip.sound and asked.flag(job, "keep_audio")
            found |= set(own or (PRODUCTION,)) if keeps else set()
            found |= {"dialogue"} if asked.files(job, "voice") else set()
            found |= {"music"} if asked.files(job, "music") else set()
        case "media/timeline":
            found |= {_role(given, role_of) for given in objects(asked.value(job, "sounds"))}
            found |= {PRODUCTION} if any(True for _ in sounds_of_cuts(timeline.planned(job))) else set()
    return tuple(role for role in ROLES if role in found)


def write_stem(path: Path, frames: Iterable[AudioFrame], first: int) -> Path:
    """Write a part as a WAV that says at which sample of the day it begins. Raises NodeError (*local*)."""
    with whole_file(path, "wav", {"fflags": "+bitexact", "write_bext": "1"}) as container:
        container.metadata["time_reference"] = str(first)
        container.metadata["originator"] = "callsheet"
        stream = sound_stream(container, "pcm_s16le", "s16")
        for frame in sound.numbered(frames):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _of_mix(job: Job, role_of: RoleOf, own: Own | None) -> Parts:
    clip = film.clips(job, "video")[0]
    total = sound.samples(clip.seconds)
    found = list(_mix_tracks(job, clip, total, role_of, own))
    heard = parts([track for _, track in found])
    grouped = _grouped(zip((role for role, _ in found), heard, strict=True))
    tone = mix_audio.tone(job)
    if tone is not None:
        grouped.setdefault(PRODUCTION, []).append(under(tone, laid(heard, total), total))
    return _laid(grouped, total)


def _mix_tracks(
    job: Job, clip: Clip, total: int, role_of: RoleOf, own: Own | None
) -> Iterator[tuple[str, MixTrack]]:
    for given in mix_audio.heard_tracks(job, clip):
        track = mix_audio.track(given, total, clip)
        artifact = given.get("audio")
        if isinstance(artifact, Artifact):
            yield _role(given, role_of), track
        elif own is None:
            yield PRODUCTION, track
        else:
            yield from ((role, replace(track, sound=_from(track.sound, path))) for role, path in own.items())


def _from(heard: Sound, path: Path) -> Sound:
    """A sound from another file, which begins at zero."""
    return replace(heard, path=path, origin=Fraction(0))


def _of_mux(job: Job, own: Own | None) -> Parts:
    clip = film.clips(job, "video")[0]
    found: dict[str, list[Callable[[], Iterator[AudioFrame]]]] = {}
    volume = asked.number(job, "audio_volume")
    if clip.sound and asked.flag(job, "keep_audio"):
        for role, path in (own or {PRODUCTION: clip.path}).items():
            begin = clip.start if own is None else Fraction(0)
            found.setdefault(role, []).append(partial(_louder, path, begin, volume))
    voice = partial(mux.spoken, job) if asked.files(job, "voice") else None
    if voice is not None:
        found.setdefault("dialogue", []).append(voice)
    music = mux.music(job)
    if music is not None:
        key = voice if music.ducking else None
        found.setdefault("music", []).append(
            lambda: soundtrack.bed(music, clip.seconds, key() if key else None)
        )
    return {role: partial(_mixed, several, clip.seconds) for role, several in found.items()}


def _louder(path: Path, begin: Fraction, decibels: float) -> Iterator[AudioFrame]:
    return soundtrack.louder(sound.of_file(path, begin), decibels)


def _mixed(several: Iterable[Callable[[], Iterator[AudioFrame]]], seconds: Fraction) -> Iterator[AudioFrame]:
    return sound.exactly(sound.mixed([sound.exactly(begun(), seconds) for begun in several]), seconds)


def _of_timeline(job: Job, role_of: RoleOf) -> Parts:
    whole = timeline.planned(job)
    laid_under = objects(asked.value(job, "sounds"))
    grouped = _grouped((PRODUCTION, placed(heard)) for heard in sounds_of_cuts(whole))
    for given, heard in zip(laid_under, whole.sounds, strict=True):
        grouped.setdefault(_role(given, role_of), []).append(placed(heard))
    return _laid(grouped, whole.samples)


def _role(given: Fields, role_of: RoleOf) -> str:
    artifact = given["audio"]
    assert isinstance(artifact, Artifact)
    return role_of(artifact, str(given.get("name") or ""))


def _grouped(found: Iterable[tuple[str, Placed]]) -> dict[str, list[Placed]]:
    grouped: dict[str, list[Placed]] = {}
    for role, one in found:
        grouped.setdefault(role, []).append(one)
    return grouped


def _laid(grouped: Mapping[str, list[Placed]], total: int) -> Parts:
    return {role: partial(laid, several, total) for role, several in grouped.items()}
