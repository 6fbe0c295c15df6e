"""A film that is made → its edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.nodes.media.inspector import MediaInspector, facts_of
from callsheet.nodes.media.probe import sound_form
from callsheet.runtime import keys
from callsheet.runtime.export.cut import EditClip, EditCut, Medium, Origin
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.lock import Decision, Made
from callsheet.runtime.output.file_names import Names, file_name
from callsheet.runtime.own_files import own_files
from callsheet.runtime.project_state import ProjectState
from callsheet.runtime.shots import FilmShot, shots_of
from callsheet.spec.frame_rate import exact
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.values import leaves

MARKS: Final = re.compile(r'[\[\]"/]+')
"""What an address has beside words."""
PROMPTS: Final = ("prompt", "text")
MOST_NAMED: Final = 20
"""Shots that a note names at most."""


def read_cut(now: ProjectState, ledger: LedgerReader | None, output: str = "") -> EditCut:
    """The edit of a film whose results are on this machine. Raises InputError as `film_of`."""
    address, film = film_of(now, output)
    rate = exact(film.facts.fps or 24.0)
    return _Reader(now, ledger, rate).cut(address, film)


@dataclass
class _Reader:
    """rate: of the film. media: digest → a medium that is handed over."""

    now: ProjectState
    ledger: LedgerReader | None
    rate: Fraction
    names: Names = field(default_factory=Names)
    media: dict[str, Medium] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def cut(self, address: str, film: Artifact) -> EditCut:
        graph = self.now.graph
        whole = self._medium(film, graph.name)
        shots = shots_of(graph, self.now.outputs, address)
        clips = tuple(placed([self._clip(shot) for shot in shots]))
        frames = max((clip.end for clip in clips), default=0)
        self._tell(clips)
        frames, size = max(frames, whole.frames), (film.facts.width or 0, film.facts.height or 0)
        notes = tuple(self.notes)
        return EditCut(graph.name, self.rate, frames, clips, whole, size=size, notes=notes)

    def _clip(self, shot: FilmShot) -> EditClip:
        found = shot.shot
        instance = self._instance(shot)
        name = _title(shot)
        start, artifact = Fraction(found.start).limit_denominator(10**6), self._artifact(found.source)
        medium = self._medium(artifact, name) if artifact else None
        if medium is None:
            self.notes[f"shot {shot.number}: its file is not here"] = None
        speed = Fraction(found.speed).limit_denominator(1000)
        origin = self._origin(shot, instance)
        first = round(start * self.rate)
        return EditClip(shot.number, name, medium, found.frame, found.frames, first, speed, origin=origin)

    def _instance(self, shot: FilmShot) -> Instance | None:
        return self._takes.get((shot.address, shot.take))

    def _artifact(self, digest: str) -> Artifact | None:
        found, own = self._made.get(digest), self._own_files.get(digest)
        return _read(own, digest) if found is None and own is not None else found

    @cached_property
    def _takes(self) -> Mapping[tuple[str, int], Instance]:
        return {(i.base, i.take.number): i for i in self.now.graph.instances.values()}

    @cached_property
    def _made(self) -> Mapping[str, Artifact]:
        return {a.digest: a for outputs in self.now.outputs.values() for a in leaves(outputs, Artifact)}

    @cached_property
    def _results(self) -> Mapping[str, Made]:
        return self.now.lock.named()

    @cached_property
    def _declined(self) -> Mapping[str, Decision]:
        return self.now.lock.declined

    @cached_property
    def _own_files(self) -> Mapping[str, Path]:
        return own_files(self.now.graph)

    def _medium(self, artifact: Artifact, name: str) -> Medium:
        if artifact.digest not in self.media:
            facts = artifact.facts if artifact.facts != Facts() else facts_of(artifact.path)
            rate = exact(facts.fps) if facts.fps and artifact.kind == "video" else None
            frames = round(Fraction(facts.seconds or 0).limit_denominator(10**6) * rate) if rate else 0
            ending = artifact.path.suffix
            title = self.names.claim(file_name(name), ending, artifact.digest)
            size = (facts.width, facts.height) if facts.width and facts.height else None
            channels, hertz = sound_form(artifact.path) if artifact.kind == "video" else (0, 0)
            self.media[artifact.digest] = Medium(
                artifact.digest, artifact.path, title, rate, frames, channels > 0, size=size,
                channels=channels, hertz=hertz,
            )  # fmt: skip
        return self.media[artifact.digest]

    def _origin(self, shot: FilmShot, instance: Instance | None) -> Origin:
        if instance is None:
            return Origin()
        key = self.now.keys.get(instance.address, "")
        prompt = next((str(v) for n in PROMPTS if isinstance(v := instance.params.get(n), str)), "")
        usd, decision = self._usd(instance, key), self._decision(instance, key)
        return Origin(shot.address, shot.take, key, instance.spec.uses, prompt, usd, decision)

    def _decision(self, instance: Instance, key: str) -> str:
        if key in self._declined:
            return "rejected"
        result = self.now.outputs.get(instance.address, {})
        return "approved" if keys.result(result) in self.now.lock.block(instance.base).approved else ""

    def _usd(self, instance: Instance, key: str) -> float | None:
        if instance.spec.provider == "local":
            return 0.0
        made = self._results.get(key)
        if made is not None:
            return made.usd
        attempt = self.ledger.committed(key) if self.ledger and key else None
        return attempt.price if attempt else None

    def _tell(self, clips: Sequence[EditClip]) -> None:
        """Note what the film has and the edit has not."""
        for instance in self.now.graph.instances.values():
            lost = [need for need in instance.tolerates if need not in self.now.outputs]
            if lost and instance.address in self.now.outputs:
                self.notes[f"{instance.address} is made without {', '.join(lost[:MOST_NAMED])}"] = None
        if any(clip.dissolve for clip in clips):
            self.notes["every transition is handed over as a dissolve of its length"] = None
        if held := [str(clip.number) for clip in clips if _is_held(clip, self.rate)]:
            told = f"longer shown than the clip is, its last picture is held: shot {', '.join(held)}"
            self.notes[told] = None
        self.notes["colour, text, crops, gains and fades are in the film and not in the edit"] = None


def _title(shot: FilmShot) -> str:
    return title(shot.address, shot.take) if shot.address else f"file-{shot.shot.source[:8]}"


def title(address: str, take: int) -> str:
    """The name of a shot, which stays when shots come and go: `clip-dawn`, `clip-dawn-take2`."""
    return MARKS.sub("-", address).strip("-") + (f"-take{take}" if take > 1 else "")


def _read(path: Path, digest: str) -> Artifact | None:
    """A file of the user's; None where it is no medium."""
    try:
        kind = MediaInspector().identify(path)
        return Artifact(kind, path, digest, facts_of(path)) if kind is not None else None
    except OSError:
        return None


def _is_held(clip: EditClip, rate: Fraction) -> bool:
    medium = clip.medium
    if medium is None or medium.rate is None:
        return False
    return clip.start + clip.used > medium.frames / medium.rate * rate + 1


def placed(clips: Sequence[EditClip]) -> Iterator[EditClip]:
    """The clips, each on the lowest track on which it can be: behind the one before, or coming in over its
    end. Clips that are there at once otherwise are on tracks above each other."""
    last: dict[int, EditClip] = {}
    for clip in sorted(clips, key=lambda clip: (clip.at, clip.number)):
        track = next((n for n in range(len(last) + 1) if _fits(last.get(n), clip)), len(last))
        before = last.get(track)
        overlap = max(0, before.end - clip.at) if before else 0
        last[track] = replace(clip, track=track, dissolve=overlap)
        yield last[track]


def _fits(before: EditClip | None, clip: EditClip) -> bool:
    """Whether it is behind the one before, or only comes in over its end."""
    if before is None or clip.at >= before.end:
        return True
    return clip.at >= before.at + before.dissolve and clip.at > before.at and clip.end > before.end
