"""`cut: ./film.cut.otio` of a node `media/timeline` → its `clips` and `sounds`, as if they were written.

Each clip that shows an instance becomes an expression, so that types, order, keys and prices follow from it
as from every other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.dsl.address import elements, node_of
from callsheet.dsl.cuts.edit import MARK, Edit, NotAnEdit, Placed
from callsheet.dsl.cuts.otio import MOST_BYTES, edit_of, parsed
from callsheet.dsl.cuts.timeline import CUT
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.template import parse_expression
from callsheet.dsl.syntax.ast import ListValue, MapValue, NodeDecl, Unread, Value
from callsheet.dsl.values.media_files import local_media
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.dsl.yaml.reader import read_source
from callsheet.spec.harmless import harmless
from callsheet.spec.rules import cuts as rules
from callsheet.spec.values import LocalFile

WRITTEN: Final = ".cut.otio"
"""How the names of cuts end that `conform` wrote."""
NODE: Final = re.compile(r"[A-Za-z_]\w*")
OUTPUT: Final = re.compile(r"[A-Za-z_]\w*(\[\d+\])?")
Entry = tuple[YamlScalar, Value]


def with_clips(decl: NodeDecl, origin: Origin, there: Callable[[str], bool], report: Report) -> NodeDecl:
    """A timeline with the clips of the cut that it names. What is wrong is reported. there: as in
    `with_cuts`."""
    assert decl.params is not None
    place, own = decl.params.get(CUT), tuple(e for e in decl.params.entries if e[0].text != CUT)
    if (clips := decl.params.get("clips")) is not None:
        report.add(clips.span, rules.clips_beside_cut())
    if not isinstance(place, YamlScalar) or not isinstance(place.value, str):
        if place is not None:
            report.add(place.span, rules.cut_without_name())
        made: tuple[Entry, ...] = ()
    else:
        made = tuple(_entries(place, MapValue(decl.params.span, own), origin, there, report))
    given = {key.text for key, _ in made} | ({"clips"} if clips is not None else set())
    rest = tuple(entry for entry in own if entry[0].text not in {key.text for key, _ in made})
    missing = () if "clips" in given else ((_key(decl.params.span, "clips"), Unread(decl.params.span)),)
    return replace(decl, params=MapValue(decl.params.span, (*rest, *made, *missing)))


def _entries(
    place: YamlScalar, own: MapValue, origin: Origin, there: Callable[[str], bool], report: Report
) -> Iterator[Entry]:
    """The parameters that follow from the cut; none after an error."""
    found = Report()
    file = local_media(place.text, ("file",), replace(origin, inspector=None), place.span, found)
    if found.failed and place.text.endswith(WRITTEN) and not _is_there(origin.base / place.text):
        report.add(place.span, rules.no_cut(harmless(place.text[:200])))
        return
    report.merge(found)
    if found.failed or not isinstance(file, LocalFile):
        return
    source = read_source(file.path, report, MOST_BYTES)
    if source is None:
        return
    try:
        edit = edit_of(parsed(source.text))
    except NotAnEdit as error:
        report.add(
            Span(source, error.offset, error.offset + 1), rules.unreadable_cut(error.message, error.next_step)
        )
        return
    yield from _Written(source, place.span, there, report).parameters(edit, own)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


class _Written:
    """Values as if they were written in the cut. source: its text. usual: the place of `cut`."""

    def __init__(self, source: Source, usual: Span, there: Callable[[str], bool], report: Report) -> None:
        self.source, self.usual, self.report, self.read = source, usual, report, 0
        self.there = there
        self.heard: dict[tuple[object, ...], Placed] = {}
        self.before: dict[tuple[int, int], Placed] = {}

    def parameters(self, edit: Edit, own: MapValue) -> Iterator[Entry]:
        marked = self._marked(edit)
        pictures = [(clip, span) for clip, span in marked if clip.kind == "video"]
        self.before = {(clip.track, clip.at + clip.frames): clip for clip, _ in pictures}
        self.heard = {_shown(clip): clip for clip, _ in marked if clip.kind == "audio"}
        has_sound = any(True for _ in edit.of("audio"))
        clips = [
            self._clip(edit, clip, span, has_sound and _shown(clip) not in self.heard)
            for clip, span in pictures
        ]
        if not clips:
            name, any_mark = self.source.path.name, any(clip.mark for clip in edit.of("video"))
            self.report.add(self.usual, rules.all_gone(name) if any_mark else rules.not_conformed(name))
        seen = {_shown(clip) for clip, _ in pictures}
        sounds = [
            self._sound(edit, clip, span)
            for clip, span in marked
            if clip.kind == "audio" and _shown(clip) not in seen
        ]
        shown: Value = ListValue(self.usual, tuple(clips)) if clips else Unread(self.usual)
        yield _key(self.usual, "clips"), shown
        yield from self._sounds(sounds, own)
        if own.get("fps") is None:
            yield self._number(self.usual, "fps", edit.rate)
        end = max((clip.end for clip in edit.of("video") if clip.mark), default=0)
        if own.get("seconds") is None and end > max((clip.end for clip, _ in pictures), default=end):
            yield self._number(self.usual, "seconds", end / edit.rate)

    def _marked(self, edit: Edit) -> list[tuple[Placed, Span]]:
        """The clips that show something, each with its place in the file. Those of shots that the film does
        not have are told."""
        found: list[tuple[Placed, Span]] = []
        told: set[str] = set()
        for clip in edit.clips:
            if not clip.mark:
                continue
            span, address = self._place(), clip.mark.get("address")
            is_name = isinstance(address, str) and reference(address, str(clip.mark.get("output")))
            if not isinstance(address, str) or not is_name or self.there(address):
                found.append((clip, span))
            elif address not in told:
                told.add(address)
                self.report.add(span, rules.gone(harmless(address[:200]), float(clip.at / edit.rate)))
        return found

    def _sounds(self, sounds: list[Value], own: MapValue) -> Iterator[Entry]:
        given = own.get("sounds")
        if not sounds:
            return
        if given is not None and not isinstance(given, ListValue):
            self.report.add(given.span, rules.sounds_beside_cut())
            return
        before = given.items if isinstance(given, ListValue) else ()
        yield _key(self.usual, "sounds"), ListValue(self.usual, (*before, *sounds))

    def _clip(self, edit: Edit, clip: Placed, span: Span, mute: bool) -> Value:
        """Around a dissolve a clip is there as long as it is seen. Its place is said only where no clip ends:
        an edit before it changes nothing of what is said about it."""
        frames = clip.enter + clip.frames + clip.leave
        start = clip.start - clip.enter * clip.speed / edit.rate
        entries = [
            (_key(span, "video"), self._medium(clip, span)),
            self._number(span, "start", start),
            self._number(span, "seconds", frames / edit.rate),
        ]
        before = self.before.get((clip.track, clip.at))
        if before is None and clip.at:
            entries.append(self._number(span, "at", (clip.at - clip.enter) / edit.rate))
        if clip.speed != 1:
            entries.append(self._number(span, "speed", clip.speed))
        if before is not None and clip.enter + before.leave:
            entries.append(self._transition(edit, clip, (clip.enter + before.leave) / edit.rate, span))
        entries += self._levels(edit, clip, self.heard.get(_shown(clip), clip), span)
        if clip.track:
            entries.append((_key(span, "track"), YamlScalar(span, str(clip.track), clip.track)))
        if mute:
            entries.append((_key(span, "mute"), YamlScalar(span, "true", True)))
        return MapValue(span, tuple(entries))

    def _transition(self, edit: Edit, clip: Placed, seconds: Fraction, span: Span) -> Entry:
        if not clip.transition:
            return self._number(span, "transition", seconds)
        kind = (_key(span, "kind"), YamlScalar(span, clip.transition, clip.transition, '"'))
        return _key(span, "transition"), MapValue(span, (kind, self._number(span, "seconds", seconds)))

    def _levels(self, edit: Edit, clip: Placed, sound: Placed, span: Span) -> Iterator[Entry]:
        """Fades and the volume; sound: what is heard of it."""
        if clip.fade_in:
            yield self._number(span, "fade_in", clip.fade_in / edit.rate)
        if clip.fade_out:
            yield self._number(span, "fade_out", clip.fade_out / edit.rate)
        if sound.gain:
            yield _key(span, "gain"), YamlScalar(span, str(sound.gain), sound.gain)

    def _sound(self, edit: Edit, clip: Placed, span: Span) -> Value:
        """Around a cross fade a sound is there as long as it is heard."""
        start = clip.start - clip.enter * clip.speed / edit.rate
        entries = [
            (_key(span, "audio"), self._medium(clip, span)),
            self._number(span, "at", (clip.at - clip.enter) / edit.rate),
            self._number(span, "start", start),
            self._number(span, "seconds", (clip.enter + clip.frames + clip.leave) / edit.rate),
        ]
        if clip.speed != 1:
            entries.append(self._number(span, "speed", clip.speed))
        entries += self._levels(edit, clip, clip, span)
        return MapValue(span, tuple(entries))

    def _medium(self, clip: Placed, span: Span) -> Value:
        """The expression or the file that a clip shows."""
        if isinstance(file := clip.mark.get("file"), str):
            return YamlScalar(span, file, file, '"')
        text = reference(str(clip.mark.get("address")), str(clip.mark.get("output")))
        if not text:
            self.report.add(span, rules.not_conformed(self.source.path.name))
            return Unread(span)
        return parse_expression(YamlScalar(span, text, text, '"'), self.report) or Unread(span)

    def _place(self) -> Span:
        """The mark of the next clip in the text."""
        word = f'"{MARK}"'
        at = self.source.text.find(word, self.read)
        if at < 0:
            return self.usual
        self.read = at + len(word)
        return Span(self.source, at, self.read)

    def _number(self, span: Span, name: str, value: Fraction) -> Entry:
        number = round(float(value), 9)
        return _key(span, name), YamlScalar(span, str(number), number)


def reference(address: str, output: str) -> str:
    """The expression for an output of an instance, from outside of its axes; "" where none can name it, as
    inside of a recipe."""
    if not NODE.fullmatch(node_of(address)) or not OUTPUT.fullmatch(output):
        return ""
    keys = "".join(f"[{_quoted(key)}]" for key in elements(address))
    return f"${{{{ {node_of(address)}{keys}.{output} }}}}"


def _quoted(key: str) -> str:
    text = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _shown(clip: Placed) -> tuple[object, ...]:
    """What a picture and its own sound have in common."""
    mark: Mapping[str, object] = clip.mark
    return (
        mark.get("address"),
        mark.get("output"),
        mark.get("file"),
        clip.at,
        clip.frames,
        clip.start,
        clip.speed,
    )


def _key(span: Span, name: str) -> YamlScalar:
    return YamlScalar(span, name, name)
