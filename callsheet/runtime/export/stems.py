"""The parts of a film's sound: which there are, and their files, mixed when somebody reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.media.stems import JOINING, LAYING, Begin, stem_roles, stems, write_stem
from callsheet.runtime.export.cut import PRODUCTION, EditCut, Medium, Stem
from callsheet.runtime.graph.arguments import LocalFiles, parameters, without_lost
from callsheet.runtime.project_state import ProjectState
from callsheet.spec.media import SAMPLE_RATE, Artifact
from callsheet.spec.node import Job
from callsheet.spec.values import Ref, leaves

MIXING: Final = (*JOINING, *LAYING)
"""Operations that say what a film sounds like."""
SILENT: Final = (
    "media/subtitles",
    "media/text",
    "media/color",
    "media/color_match",
    "media/fit",
    "media/crop",
)
"""Operations on a film that leave its length and its sound as they are."""
LOUDNESS: Final = "media/loudness"
FORM: Final = "1"
"""Of the mix; a newer one makes the files again."""
WORDS: Final = {
    "dialogue": re.compile(r"voice|dialog|narrat|speech|spoken|\btts\b|talk|\bline"),
    "music": re.compile(r"music|score|song|\bbeat|melod|soundtrack"),
}
"""What tells the role of a sound in the name of its model, its node or its track."""

SPOKEN: Final = "spoken"
MOST_STEPS: Final = 8
"""Local operations after a sound that are looked through for what made it."""


def with_stems(cut: EditCut, stems: FilmStems) -> EditCut:
    """The edit with the parts of its film's sound. An edit without sounds but those of its clips has none.
    Raises NodeError."""
    key = stems.now.keys.get(stems.address) or cut.film.digest
    return cut.with_stems([Stem(role, _medium(cut, role, key, stems.folder)) for role in stems.roles])


def _medium(cut: EditCut, role: str, key: str, folder: Path) -> Medium:
    """A part as a medium. What it is made of stands for its bytes, so that it is not mixed to be compared."""
    stem = cut.film.name.rpartition(".")[0]
    digest = sha256(f"stem {FORM} {key} {role} {cut.start}".encode()).hexdigest()
    source = folder / f"{role}.wav"
    return Medium(
        digest, source, f"{stem}-{role}.wav", cut.rate, cut.frames, True, cut.start, has_picture=False
    )


@dataclass
class FilmStems:
    """The parts of a film's sound. address: of the instance that made it. folder: where they are written.
    told: what they lack."""

    now: ProjectState
    address: str
    folder: Path
    told: dict[str, None] = field(default_factory=dict)
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)
    made: dict[str, Mapping[str, Path]] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the parts lack."""
        return tuple(self.told)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The parts that there are. Raises NodeError."""
        return self._roles(self._mixing(self.address))

    def written(self, start: float) -> None:
        """Mix all parts and write each to ROLE.wav, once. start: seconds after midnight at which the film
        begins. Raises NodeError."""
        instance = self._mixing(self.address)
        if instance is None or all((self.folder / f"{role}.wav").exists() for role in self.roles):
            return
        for role, begin in self._stems(instance).items():
            write_stem(self.folder / f"{role}.wav", begin(), round(start * SAMPLE_RATE))

    def _mixing(self, address: str) -> Instance | None:
        """The operation that the sound of the film that an instance made is from; None where that is not
        known."""
        instance = self.now.graph.instances.get(address)
        while instance is not None and instance.spec.uses not in MIXING:
            if instance.spec.uses not in (*SILENT, LOUDNESS):
                return None
            if instance.spec.uses == LOUDNESS:
                self.told["the stems are as they were before media/loudness"] = None
            found = next(iter(leaves(instance.params.get("video"), Ref)), None)
            instance = self.now.graph.instances.get(found.address) if found else None
        return instance

    def _maker(self, digest: str) -> Instance | None:
        """The operation that the sound of a video is from."""
        maker = self._makers.get(digest)
        return self._mixing(maker.address) if maker else None

    def _roles(self, instance: Instance | None) -> tuple[str, ...]:
        if instance is None:
            return ()
        if instance.address not in self.known:
            job = self._job(instance)
            if not self._may_have(job):
                return ()
            found = stem_roles(job, self._role_of, lambda digest: self._roles(self._maker(digest)))
            self.known[instance.address] = found if found != (PRODUCTION,) else ()
        return self.known[instance.address]

    def _may_have(self, job: Job) -> bool:
        """Whether a join can have parts, without opening its clips."""
        videos = (
            self._roles(self._maker(artifact.digest)) for artifact in leaves(dict(job.params), Artifact)
        )
        return job.spec.uses in LAYING or bool(job.params.get("sounds")) or any(videos)

    def _own(self, digest: str) -> Mapping[str, Path]:
        """The parts of the sound of a video, as files."""
        instance = self._maker(digest)
        if instance is None or not self._roles(instance):
            return {}
        if instance.address not in self.made:
            below = self.folder / str(len(self.made))
            self.made[instance.address] = {}
            below.mkdir()
            parts = self._stems(instance).items()
            self.made[instance.address] = {
                role: write_stem(below / f"{role}.wav", begin(), 0) for role, begin in parts
            }
        return self.made[instance.address]

    def _stems(self, instance: Instance) -> Mapping[str, Begin]:
        return stems(self._job(instance), self._role_of, self._own)

    def _job(self, instance: Instance) -> Job:
        params = parameters(instance, without_lost(instance, self.now.outputs), self.files)
        return Job(instance.address, instance.spec, params, self.folder)

    @cached_property
    def files(self) -> LocalFiles:
        """The user's own files, each read once."""
        return LocalFiles(MediaInspector())

    @cached_property
    def _makers(self) -> Mapping[str, Instance]:
        """Digest → an instance that made it."""
        found: dict[str, Instance] = {}
        for address, outputs in self.now.outputs.items():
            if instance := self.now.graph.instances.get(address):
                for artifact in leaves(outputs, Artifact):
                    found.setdefault(artifact.digest, instance)
        return found

    def _role_of(self, artifact: Artifact, name: str) -> str:
        """dialogue, music or effects: by what made a sound, else by what it is called."""
        told = list(self._told(self._makers.get(artifact.digest)))
        if any(text == SPOKEN for text in told):
            return "dialogue"
        for text in (name, *told, artifact.path.stem if not told else ""):
            for role, words in WORDS.items():
                if words.search(text.casefold()):
                    return role
        return "effects"

    def _told(self, maker: Instance | None) -> Iterator[str]:
        """What the maker of a sound is called, and the makers of what that was made from."""
        for _ in range(MOST_STEPS):
            if maker is None:
                return
            yield SPOKEN if maker.spec.speech else maker.spec.uses
            yield maker.base
            found = next(iter(leaves(dict(maker.params), Ref)), None)
            if maker.spec.provider != "local" or found is None:
                return
            maker = self.now.graph.instances.get(found.address)
