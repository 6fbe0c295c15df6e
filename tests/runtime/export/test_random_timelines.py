"""Random edits: OpenTimelineIO and its adapters read back all that each format can hold. --long tries 500."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.runtime.export.cut import EditClip, EditCut, Marker, Medium, Origin, Stem, met
from callsheet.runtime.export.edl import as_edl
from callsheet.runtime.export.fcp7 import as_fcp7
from callsheet.runtime.export.markers import markers, merged
from callsheet.runtime.export.otio import as_otio
from callsheet.runtime.export.read_cut import placed

RATES = (Fraction(24), Fraction(25), Fraction(30), Fraction(24_000, 1001), Fraction(30_000, 1001))
WHOLE = RATES[:3]
SPEEDS = (Fraction(1), Fraction(1), Fraction(1), Fraction(2), Fraction(1, 2), Fraction(5, 4))
NAMES = ("clip-dawn", "clip é ü", "a & b <c>", "clip-night-take2", "日没", 'q"uote', "50% #1")
PROMPTS = ("", "a river, dusk", "=1+1", "line\nbreak", "x" * 400, "<b>&amp;")
SHORT, LONG = 25, 500


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(LONG if metafunc.config.getoption("--long") else SHORT))


@pytest.fixture(scope="module")
def otio() -> Any:
    return pytest.importorskip("opentimelineio")


class Random:
    """An edit that a seed decides. rates: of the film and its media. plain: without what an EDL has not."""

    def __init__(self, seed: int, rates: tuple[Fraction, ...] = RATES, plain: bool = False) -> None:
        self.random, self.plain = random.Random(seed), plain
        self.rate = self.random.choice(rates)
        self.rates = (self.rate,) if plain else (self.rate, self.rate, *rates)

    def cut(self) -> EditCut:
        clips = tuple(placed(list(self._clips())))
        frames = max(clip.end for clip in clips)
        film = Medium("f" * 64, Path("f"), "film.mp4", self.rate, frames, True, 3600 * round(self.rate))
        stems = () if self.plain else tuple(self._stems(film))
        cut = EditCut("a film", self.rate, frames, clips, film, film.begins, stems=stems)
        return replace(cut, markers=markers(cut, list(self._notes(frames))))

    def _clips(self) -> Iterator[EditClip]:
        media, place = [self._medium(n) for n in range(self.random.randint(1, 6))], 0
        for number in range(1, self.random.randint(2, 40)):
            frames, how = self.random.randint(10, 200), self.random.random()
            at = place - self.random.randint(1, 4) if how < 0.3 else place + 7 if how > 0.85 else place
            at = max(0, at - 60) if how > 0.95 and not self.plain else max(0, at)
            speed = Fraction(1) if self.plain else self.random.choice(SPEEDS)
            name, decision = self.random.choice(NAMES), self.random.choice(("", "", "approved", "rejected"))
            address = self.random.choice(("", f'clip["{name}"]'))
            origin = Origin(address, 2, "k" * 64, "fal/x", self.random.choice(PROMPTS), 0.25, decision)
            medium = self.random.choice([*media, None] if not self.plain else media)
            start = self.random.randint(0, 90)
            yield EditClip(number, name, medium, at, frames, start, speed, origin=origin)
            place = max(place, at + frames)

    def _medium(self, number: int) -> Medium:
        rate = self.random.choice(self.rates)
        begins = self.random.randint(2, 22) * 3600 * round(rate)
        heard, name = self.random.random() < 0.5, f"{number}-{self.random.choice(NAMES)}.mp4"
        if not self.plain and self.random.random() < 0.1:
            return Medium(f"{number:08x}" * 8, Path("x"), f"{number}.png")
        return Medium(f"{number:08x}" * 8, Path("x"), name, rate, 2000, heard, begins)

    def _stems(self, film: Medium) -> Iterator[Stem]:
        for role in ("dialogue", "music"):
            digest, name = role[0] * 64, f"film-{role}.wav"
            yield Stem(role, replace(film, digest=digest, name=name, has_picture=False))

    def _notes(self, frames: int) -> Iterator[Marker]:
        for _ in range(self.random.randint(0, 5)):
            at, length = self.random.randrange(frames), self.random.randint(1, 30)
            yield Marker(at, "Ann", self.random.choice(PROMPTS), "ORANGE", length, "note")


def seen(otio: Any, track: Any) -> list[tuple[str, int, int, int]]:
    """Name, first frame, the one after the last, and frames that it comes in, of each clip of a track."""
    found = []
    for item in track:
        if not isinstance(item, otio.schema.Clip):
            continue
        before, _ = track.neighbors_of(item)
        came = before.in_offset.value + before.out_offset.value if is_transition(otio, before) else 0
        where = track.range_of_child(item)
        first = where.start_time.value
        found.append((item.name, round(first), round(first + where.duration.value), round(came)))
    return found


def is_transition(otio: Any, item: Any) -> bool:
    return isinstance(item, otio.schema.Transition)


def meant(clips: list[EditClip]) -> list[tuple[str, int, int, int]]:
    return [(here.clip.name, here.first, here.last, here.came) for here in met(clips)]


def test_opentimelineio_reads_all_of_it(otio: Any, seed: int) -> None:
    cut = Random(seed).cut()
    timeline = otio.adapters.read_from_string(as_otio(cut, "media"), "otio_json")
    pictures = [track for track in timeline.tracks if track.kind == "Video"]
    assert [seen(otio, track) for track in pictures] == [meant(cut.on_track(n)) for n in range(cut.tracks)]
    sounds = [track for track in timeline.tracks if track.kind == "Audio"]
    assert [track.enabled for track in sounds] == [track.enabled for track in cut.sound_tracks]
    clips = [clip for track in pictures for clip in track if isinstance(clip, otio.schema.Clip)]
    for found, here in zip(clips, [h for n in range(cut.tracks) for h in met(cut.on_track(n))], strict=True):
        clip, medium = here.clip, here.clip.medium
        speeds = [effect.time_scalar for effect in found.effects]
        assert speeds == ([float(clip.speed)] if clip.speed != 1 else [])
        about = found.metadata["callsheet"]
        assert (about["prompt"] or "", about["decision"] or "") == (clip.origin.prompt, clip.origin.decision)
        reference = found.media_reference
        assert reference.is_missing_reference == (medium is None)
        if medium and medium.rate:
            whole = reference.available_range
            assert (whole.start_time.value, whole.duration.value) == (medium.begins, medium.frames)
            apart = found.source_range.start_time.to_seconds() - whole.start_time.to_seconds()
            shown = clip.start + round((here.first - clip.at) * clip.speed)
            assert abs(apart - shown / cut.rate) < 1e-4
    every = [marker for clip in clips for marker in clip.markers] + [*timeline.tracks.markers]
    assert Counter((m.name, m.color, m.comment, m.marked_range.duration.value) for m in every) == Counter(
        (m.name, m.color, m.text, m.frames) for m in cut.markers
    )


def adapter(otio: Any, name: str) -> str:
    if name not in otio.adapters.available_adapter_names():
        pytest.skip(f"{name} is not installed")
    return name


def test_the_xml_of_final_cut_7_holds_places_speeds_and_markers(otio: Any, seed: int) -> None:
    cut = Random(seed).cut()
    text = as_fcp7(cut, Path("media"))
    found = otio.adapters.read_from_string(text, adapter(otio, "fcp_xml"))
    timeline = found if isinstance(found, otio.schema.Timeline) else found[0]
    pictures = [track for track in timeline.tracks if track.kind == "Video"]
    assert [seen(otio, track) for track in pictures] == [meant(cut.on_track(n)) for n in range(cut.tracks)]
    every = [(round(m.marked_range.start_time.value), m.name) for m in timeline.tracks.markers]
    assert every == [(marker.at, marker.name) for marker in merged(cut.markers)]
    assert len([t for t in timeline.tracks if t.kind == "Audio"]) == len(cut.sound_tracks)


def test_an_edl_holds_the_cuts_dissolves_and_markers_of_one_track(otio: Any, seed: int) -> None:
    cut = Random(seed, WHOLE, plain=True).cut()
    text = as_edl(cut)
    form = adapter(otio, "cmx_3600")
    timeline = otio.adapters.read_from_string(text, form, rate=float(cut.rate))
    track, first = timeline.tracks[0], cut.clips[0].at
    for found, clip in zip(track.find_clips(), cut.on_track(0), strict=True):
        assert clip.medium is not None
        before, after = track.neighbors_of(found)
        came = before.in_offset.value if is_transition(otio, before) else 0
        goes = after.out_offset.value if is_transition(otio, after) else 0
        where, start = track.range_of_child(found), found.source_range.start_time.value
        assert where.start_time.value - came == clip.at - first, "an EDL begins with its first clip"
        assert where.duration.value + came + goes == clip.frames
        assert start - came == clip.medium.begins_at(cut.rate) + clip.start
    assert text.count("\n* LOC: ") == len(list(merged(cut.markers)))
