"""What a medium of a preview tells: the action, the dialogue and the narration of all that it is made from.

A still tells its prompt; the clip that moves it, the lip sync of that clip and the film that it is joined
into tell it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.nodes.preview.brief import PROMPTS, words_of
from callsheet.nodes.preview.story import Beat, Line, Story, said, told
from callsheet.nodes.preview.tone import is_speech
from callsheet.nodes.preview.video import extends
from callsheet.runtime.output.provenance.history import History
from callsheet.runtime.output.provenance.record import FromInstance, Making, marks
from callsheet.spec.media import Artifact, Shot
from callsheet.spec.roles import infer_roles
from callsheet.spec.values import leaves

SHORTEST_PART: Final = 0.1
"""Seconds by which a take is longer than the video that it goes on from."""
ACTING: Final = ("first_frame", "source")
"""Roles of pictures whose action is carried on; a reference only shows how somebody looks."""

Waiting = list[tuple[FromInstance, Artifact, list[Shot | None]]]
"""The videos that a film is joined from, each with those of its shots that are not found in the film yet;
None for a clip that was not joined itself."""


class Stories:
    """The stories of what `history` holds. known: those told so far. Used by one thread at a time, as the
    history is."""

    def __init__(self, history: History, known: dict[tuple[str, str], Story]) -> None:
        self._history, self._known = history, known

    def of(self, address: str, artifact: Artifact) -> Story:
        """What a medium tells that the instance at `address` made."""
        place = address, artifact.identity
        if place not in self._known:
            self._known[place] = Story()
            self._known[place] = self._told(self._history.instance(address), artifact)
        return self._known[place]

    def _told(self, instance: Instance, artifact: Artifact) -> Story:
        making = self._history.making(instance.address)
        if instance.spec.provider == "local":
            return self._of_operation(instance, making, artifact)
        return self._of_model(instance, making, artifact)

    def _of_model(self, instance: Instance, making: Making, artifact: Artifact) -> Story:
        params = making.parameters or {}
        seconds = artifact.facts.seconds or 0.0
        own = words_of({n: v for n, v in params.items() if n in PROMPTS}) or words_of(_texts(params))
        if artifact.kind == "audio":
            spoken = own and (instance.spec.speech or _speaks(instance))
            heard = said(own, 0.0, seconds, narrated=True) if spoken else self._heard(making)
            return Story(lines=tuple(heard))
        voices = tuple(_spoken(self._heard(making)))
        footage = self._first(making, "video")
        if footage is None:
            action = told(self._carried(instance, making), own)
            return Story((Beat(0.0, instance.address, _model(instance), action),), voices)
        before, length = self.of(footage[0].address, footage[1]), footage[1].facts.seconds or 0.0
        own_beat = Beat(length, instance.address, _model(instance), own)
        if extends(instance.spec):
            if seconds <= length + SHORTEST_PART:
                return Story((Beat(0.0, instance.address, _model(instance), own),), voices)
            return Story((*before.beats, own_beat), before.lines) + Story(lines=voices)
        return Story(before.beats, voices or before.lines)

    def _of_operation(self, instance: Instance, making: Making, artifact: Artifact) -> Story:
        same = next((s for s, one in self._sources(making) if one.digest == artifact.digest), None)
        if same is not None:
            return self.of(same.address, artifact)
        if artifact.kind == "audio":
            return Story(lines=tuple(self._heard(making)))
        whole = self._whole(making, artifact)
        if whole is None:
            whole = (
                self._joined(making, artifact) if artifact.shots else self._shown(instance, making, artifact)
            )
        return whole + Story(lines=tuple(self._voices(making)))

    def _whole(self, making: Making, artifact: Artifact) -> Story | None:
        """What the only video tells that a film of the same length is made from."""
        videos = [(s, one) for s, one in self._sources(making) if one.kind == "video"]
        if artifact.kind != "video" or len({one.identity for _, one in videos}) != 1:
            return None
        (source, one), seconds = videos[0], artifact.facts.seconds or 0.0
        if abs((one.facts.seconds or 0.0) - seconds) > SHORTEST_PART:
            return None
        return self.of(source.address, one)

    def _joined(self, making: Making, film: Artifact) -> Story:
        """What the clips of a joined film tell, each at its place: as the videos tell it that it was joined
        from, which may have voices of their own, else as whoever made the clip."""
        fps = film.facts.fps or 24.0
        waiting: Waiting = [
            (source, one, list[Shot | None](one.shots) or [None])
            for source, one in self._sources(making)
            if one.kind == "video"
        ]
        whole = Story()
        for shot in film.shots:
            at, seconds = shot.frame / fps, shot.frames / fps * shot.speed
            if (found := _taken(waiting, shot)) is not None:
                source, one, inner = found
                begin, speed = shot.start, shot.speed
                if inner is not None:
                    begin = inner.at + (shot.start - inner.start) / inner.speed
                    seconds, speed = seconds / inner.speed, shot.speed / inner.speed
                whole += self.of(source.address, one).part(begin, begin + seconds, at, speed)
            elif (maker := self._history.maker(shot.source)) is not None:
                whole += self.of(*maker).part(shot.start, shot.start + seconds, at, shot.speed)
        return whole

    def _shown(self, instance: Instance, making: Making, artifact: Artifact) -> Story:
        """What one picture or a part of one video tells; nothing for a sheet of several, or for a frame."""
        shown = [(s, one) for s, one in self._sources(making) if one.kind in ("image", "video")]
        if len({one.identity for _, one in shown}) != 1:
            return Story()
        source, one = shown[0]
        if one.kind == "video" and artifact.kind == "image":
            return Story()
        return self.of(source.address, one).part(0.0, artifact.facts.seconds or one.facts.seconds or 1.0, 0.0)

    def _voices(self, making: Making) -> Iterator[Line]:
        """What the sounds say that an operation lays under a film, one after the other where it says
        where."""
        params = making.parameters or {}
        places = [_number(place, 0.0) for place in leaves(params.get("voice_at", ()), object)]
        at = _number(params.get("voice_start"), 0.0)
        voices = [(s, one) for s, one in self._sources(making) if one.kind == "audio"]
        for number, (source, one) in enumerate(voices):
            story = self.of(source.address, one)
            begin = places[number] if number < len(places) else at
            yield from story.part(0.0, one.facts.seconds or 0.0, begin).lines
            if story.lines:
                at = begin + (one.facts.seconds or 0.0) + _number(params.get("voice_gap"), 0.5)

    def _carried(self, instance: Instance, making: Making) -> str:
        """The action of the picture that a clip begins with, or that another picture is made of."""
        spec = instance.spec
        roles = {**infer_roles(spec.inputs, spec.task), **spec.roles}
        for name, value in (making.parameters or {}).items():
            if roles.get(name) in ACTING:
                for source, one in self._sources(Making("", {name: value})):
                    if one.kind == "image":
                        return " ".join(b.action for b in self.of(source.address, one).beats[:1])
        return ""

    def _heard(self, making: Making) -> Iterator[Line]:
        """What its sounds say."""
        for source, one in self._sources(making):
            if one.kind == "audio":
                yield from self.of(source.address, one).lines

    def _first(self, making: Making, kind: str) -> tuple[FromInstance, Artifact] | None:
        return next(((s, one) for s, one in self._sources(making) if one.kind == kind), None)

    def _sources(self, making: Making) -> Iterator[tuple[FromInstance, Artifact]]:
        """The media of other instances among the parameters, in their order."""
        for mark in marks(making.parameters or {}):
            if isinstance(mark, FromInstance):
                found = self._history.artifact(mark.address, mark.path)
                if found is not None:
                    yield mark, found


def _taken(waiting: Waiting, shot: Shot) -> tuple[FromInstance, Artifact, Shot | None] | None:
    """The first video that a shot of the film may come from, and which of its shots that is."""
    for source, one, inner in waiting:
        for number, own in enumerate(inner):
            if shot.source == (one.digest if own is None else own.source):
                return source, one, inner.pop(number)
    return None


def _spoken(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines of somebody who is in the picture."""
    return (replace(line, narrated=False) for line in lines)


def _texts(params: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters that are texts a person wrote."""
    return {name: value for name, value in params.items() if isinstance(value, str)}


def _speaks(instance: Instance) -> bool:
    """Whether a model of sound speaks the words that it is given."""
    return is_speech(instance.spec.uses, instance.spec.task)


def _model(instance: Instance) -> str:
    return instance.spec.uses.removeprefix("fal-ai/").removeprefix("hf/")


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
