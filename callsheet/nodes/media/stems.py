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
from callsheet.nodes.media.operations import concat, crossfade, mix_audio, mux, timeline
from callsheet.nodes.media.sound.asked import Fields, objects
from callsheet.nodes.media.sound.mixer import MixTrack, parts
from callsheet.nodes.media.sound.room_tone import under
from callsheet.nodes.media.timeline.model import Cut, Timeline
from callsheet.nodes.media.timeline.sound import Placed, laid, placed, sounds_of_cuts
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job

if TYPE_CHECKING:
    from av import AudioFrame

PRODUCTION: Final = "production"
"""The part that the clips of the film bring themselves."""
ROLES: Final = ("dialogue", "music", "effects", PRODUCTION)
JOINING: Final[Mapping[str, Callable[[Job], Timeline]]] = {
    "media/concat": concat.planned,
    "media/crossfade": crossfade.planned,
    "media/timeline": timeline.planned,
}
"""Operations that join clips."""
ORIGINATOR: Final = "callsheet"
LOOKED_THROUGH: Final = 4096
"""Bytes of a WAV in which its chunk of a broadcast wave has to begin."""
LAYING: Final = ("media/mix", "media/mux")
"""Operations that lay sounds under a film."""
RoleOf = Callable[[Artifact, str], str]
"""(a sound, the name of its track) → the role that it has."""
OwnOf = Callable[[str], Mapping[str, Path]]
"""Digest of a video → role → a file with that part of its own sound; none where its parts are not known."""
Begin = Callable[[], "Iterator[AudioFrame]"]
"""Begins to mix a sound."""


def stem_roles(job: Job, role_of: RoleOf, roles_of: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    """The parts that `stems` finds, in the order of ROLES, without opening a sound. roles_of: digest of a
    video → the parts of its own sound. Raises NodeError (*local*)."""
    found: set[str] = set()
    uses = job.spec.uses
    if uses in JOINING:
        whole = JOINING[uses](job)
        for cut in whole.cuts():
            if isinstance(cut.clip, Clip) and cut.heard and cut.clip.sound:
                found |= set(roles_of(cut.clip.digest) or (PRODUCTION,))
        if uses == "media/timeline":
            found |= {_role(given, role_of) for given in objects(asked.value(job, "sounds"))}
    elif uses in LAYING:
        clip = film.clips(job, "video")[0]
        own = set(roles_of(clip.digest) or (PRODUCTION,))
        found |= (
            _roles_of_mix(job, clip, role_of, own) if uses == "media/mix" else _roles_of_mux(job, clip, own)
        )
    return tuple(role for role in ROLES if role in found)


def _roles_of_mix(job: Job, clip: Clip, role_of: RoleOf, own: set[str]) -> set[str]:
    found = {PRODUCTION} if asked.files(job, "room_tone") else set()
    for given in mix_audio.heard_tracks(job, clip):
        found |= own if given.get("audio") is None else {_role(given, role_of)}
    return found


def _roles_of_mux(job: Job, clip: Clip, own: set[str]) -> set[str]:
    found = own if clip.sound and asked.flag(job, "keep_audio") else set()
    found = found | ({"dialogue"} if asked.files(job, "voice") else set())
    return found | ({"music"} if asked.files(job, "music") else set())


def stems(job: Job, role_of: RoleOf, own_of: OwnOf) -> Mapping[str, Begin]:
    """Role → each part of the sound that an operation gives its film; none for an operation that neither
    joins clips nor lays sounds. Raises NodeError (*local*)."""
    uses = job.spec.uses
    if uses in JOINING:
        return _of_join(job, JOINING[uses](job), role_of, own_of)
    if uses not in LAYING:
        return {}
    clip = film.clips(job, "video")[0]
    own = own_of(clip.digest) if clip.sound else {}
    return _of_mix(job, clip, role_of, own) if uses == "media/mix" else _of_mux(job, clip, own)


def write_stem(path: Path, frames: Iterable[AudioFrame], first: int) -> Path:
    """Write a part as a WAV that says at which sample of the day it begins. Raises NodeError (*local*)."""
    with whole_file(path, "wav", {"fflags": "+bitexact", "write_bext": "1"}) as container:
        container.metadata["time_reference"] = str(first)
        container.metadata["originator"] = ORIGINATOR
        stream = sound_stream(container, "pcm_s16le", "s16")
        for frame in sound.numbered(frames):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def is_stem(path: Path) -> bool:
    """Whether a file is a part of a film's sound, as `write_stem` writes it. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(LOOKED_THROUGH)
    chunk = head.find(b"bext")
    return (
        head[:4] == b"RIFF"
        and chunk > 0
        and head[chunk + 264 : chunk + 296].rstrip(b"\0") == ORIGINATOR.encode()
    )


def _of_mix(job: Job, clip: Clip, role_of: RoleOf, own: Mapping[str, Path]) -> Mapping[str, Begin]:
    total = sound.samples(clip.seconds)
    found = list(_mix_tracks(job, clip, total, role_of, own))
    heard = parts([track for _, track in found])
    grouped = _grouped(zip((role for role, _ in found), heard, strict=True))
    tone = mix_audio.tone(job)
    if tone is not None:
        grouped.setdefault(PRODUCTION, []).append(under(tone, laid(heard, total), total))
    return _laid(grouped, total)


def _mix_tracks(
    job: Job, clip: Clip, total: int, role_of: RoleOf, own: Mapping[str, Path]
) -> Iterator[tuple[str, MixTrack]]:
    for given in mix_audio.heard_tracks(job, clip):
        track = mix_audio.track(given, total, clip)
        if given.get("audio") is not None:
            yield _role(given, role_of), track
        elif not own:
            yield PRODUCTION, track
        for role, path in own.items() if given.get("audio") is None else ():
            yield role, replace(track, sound=replace(track.sound, path=path, origin=Fraction(0)))


def _of_mux(job: Job, clip: Clip, own: Mapping[str, Path]) -> Mapping[str, Begin]:
    found: dict[str, list[Begin]] = {}
    volume = asked.number(job, "audio_volume")
    if clip.sound and asked.flag(job, "keep_audio"):
        begin = Fraction(0) if own else clip.start
        for role, path in (own or {PRODUCTION: clip.path}).items():
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


def _mixed(several: Iterable[Begin], seconds: Fraction) -> Iterator[AudioFrame]:
    return sound.exactly(sound.mixed([sound.exactly(begun(), seconds) for begun in several]), seconds)


def _of_join(job: Job, whole: Timeline, role_of: RoleOf, own_of: OwnOf) -> Mapping[str, Begin]:
    """The parts of the clips at their places, and the sounds that a timeline lays under them."""
    clips = {cut.clip.digest: cut.clip for cut in whole.cuts() if isinstance(cut.clip, Clip)}
    own = {digest: own_of(digest) or {PRODUCTION: clip.path} for digest, clip in clips.items() if clip.sound}
    grouped: dict[str, list[Placed]] = {}
    for role in dict.fromkeys(role for found in own.values() for role in found):
        heard = sounds_of_cuts(_with_part(whole, role, own))
        grouped.setdefault(role, []).extend(map(placed, heard))
    given = objects(asked.value(job, "sounds")) if whole.sounds else []
    for one, heard_under in zip(given, whole.sounds, strict=True):
        grouped.setdefault(_role(one, role_of), []).append(placed(heard_under))
    return _laid({role: several for role, several in grouped.items() if several}, whole.samples)


def _with_part(whole: Timeline, role: str, own: Mapping[str, Mapping[str, Path]]) -> Timeline:
    """A film whose clips are heard with one part of their sound alone."""

    def part(cut: Cut) -> Cut:
        path = own.get(cut.clip.digest, {}).get(role)
        if path is None or not isinstance(cut.clip, Clip):
            return replace(cut, heard=False)
        start = cut.clip.start if path == cut.clip.path else Fraction(0)
        return replace(cut, clip=replace(cut.clip, path=path, start=start))

    tracks = (replace(track, cuts=tuple(map(part, track.cuts))) for track in whole.tracks)
    return replace(whole, tracks=tuple(tracks))


def _role(given: Fields, role_of: RoleOf) -> str:
    artifact = given["audio"]
    assert isinstance(artifact, Artifact)
    return role_of(artifact, str(given.get("name") or ""))


def _grouped(found: Iterable[tuple[str, Placed]]) -> dict[str, list[Placed]]:
    grouped: dict[str, list[Placed]] = {}
    for role, one in found:
        grouped.setdefault(role, []).append(one)
    return grouped


def _laid(grouped: Mapping[str, list[Placed]], total: int) -> Mapping[str, Begin]:
    return {role: partial(laid, several, total) for role, several in grouped.items()}
