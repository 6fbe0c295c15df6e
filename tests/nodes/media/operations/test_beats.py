"""Beats: times that are found, compared with those that are known, and films that are cut to them."""

from dataclasses import replace
from itertools import pairwise

import pytest

import callsheet
from callsheet.nodes.local import perform
from callsheet.nodes.media.probe import probe
from callsheet.testing import sounds

RED, BLUE = (220, 30, 30), (30, 30, 220)


def found(bench, piece, **params):
    source = bench.given(sounds.written(bench.folder / "piece.wav", piece.samples))
    return bench.run("media/beats", audio=source, **params)


def errors(times, beats):
    return [min(abs(time - beat) for time in times) for beat in beats]


@pytest.mark.parametrize("bpm", [60, 100, 130, 174])
def test_click_tracks(bpm, bench):
    piece = sounds.click_track(bpm, 24, lead=0.37)
    outputs = found(bench, piece)
    assert outputs["bpm"] == pytest.approx(bpm, rel=0.001)
    assert max(errors(outputs["beats"], piece.beats)) < 0.0016
    assert max(errors(outputs["onsets"], piece.beats)) < 0.003
    assert len(outputs["onsets"]) == 24


@pytest.mark.parametrize("name", sounds.pieces())
def test_ten_pieces_of_music(name, bench):
    piece = sounds.pieces()[name]()
    outputs = found(bench, piece)
    off = errors(outputs["beats"], piece.beats)
    assert sum(off) / len(off) < 0.025 and max(off) < 0.05
    assert outputs["bpm"] == pytest.approx(60 * (len(off) - 1) / (piece.beats[-1] - piece.beats[0]), rel=0.03)
    assert len(outputs["beats"]) == pytest.approx(len(piece.beats), abs=5)


def test_a_tempo_that_is_given_is_counted_in(bench):
    piece = sounds.click_track(150, 30)
    for bpm in (75, 150):
        assert found(bench, piece, bpm=bpm)["bpm"] == pytest.approx(bpm, rel=0.001)


def test_cuts_are_as_many_as_asked_for_and_on_the_first_of_the_bar(bench):
    piece = sounds.pieces()["waltz, 150"]()
    outputs = found(bench, piece, every=3, count=30)
    bars = [piece.beats[0] + 3 * i * 60 / 150 for i in range(40)]
    assert len(outputs["cuts"]) == len(outputs["lengths"]) == 30
    assert max(errors(bars, outputs["cuts"])) < 0.003
    assert sum(outputs["lengths"]) == pytest.approx(outputs["cuts"][-1], abs=1e-5)
    late = replace(piece, samples=piece.samples[round((piece.beats[2] - 0.1) * sounds.SAMPLE_RATE) :])
    second_bar = piece.beats[6] - piece.beats[2] + 0.1  # the first one begins too early to be cut on
    assert found(bench, late, every=3)["cuts"][0] == pytest.approx(second_bar, abs=0.003)


@pytest.mark.parametrize("name", ["four on the floor, 124", "chords alone, 84"])
def test_music_that_begins_on_a_beat_or_just_after_one(name, bench):
    """No beat has a time before the beginning, where no film can be cut."""
    piece = sounds.pieces()[name]()
    for after in (0, 0.02):
        begin = round((piece.beats[0] + after) * sounds.SAMPLE_RATE)
        times = found(bench, replace(piece, samples=piece.samples[begin:]))["beats"]
        assert times == sorted(times) and times[0] == pytest.approx(0, abs=0.02) and times[0] >= 0
        assert times[1] == pytest.approx(piece.beats[1] - piece.beats[0] - after, abs=0.005)


def test_without_a_beat_there_is_an_even_grid(bench):
    still = sounds.silence(5)
    told = []
    source = bench.given(sounds.written(bench.folder / "still.wav", still))
    outputs = perform(replace(bench.job("media/beats", audio=source, bpm=90, count=12), tell=told.append))
    assert outputs["cuts"] == pytest.approx([(i + 1) * 60 / 90 for i in range(12)], abs=1e-5)
    assert outputs["onsets"] == [] and "no beat was found" in told[0]


def test_twelve_cuts_at_130_are_within_half_a_frame_of_their_clicks(bench):
    """The click track is found, the film cut to it, and both measured in the finished film."""
    piece = sounds.click_track(130, 14, lead=60 / 130)
    song = bench.given(sounds.written(bench.folder / "song.wav", piece.samples))
    lengths = bench.run("media/beats", audio=song, count=12)["lengths"]
    red, blue = bench.clip([RED] * 24), bench.clip([BLUE] * 24)
    film = bench.made("media/concat", videos=[red, blue] * 6, seconds=lengths)
    film = bench.made("media/mix", video=film, tracks=[{"audio": song}])
    seen = bench.seen(film)
    cuts = [b[0] for a, b in pairwise(seen) if (a[1][0] > 100) != (b[1][0] > 100)]
    heard = bench.heard(film)
    assert len(cuts) == 11
    for cut, beat in zip(cuts, piece.beats, strict=False):
        assert abs(cut - beat) <= 0.5 / 24 + 1e-6
        at = round(beat * 48_000)
        assert max(map(abs, heard[at : at + 480])) > 0.3
    assert film.facts.seconds == pytest.approx(piece.beats[11], abs=0.5 / 24)


def test_beats_are_typed_and_the_preview_has_them(tmp_path):
    piece = sounds.click_track(120, 8)
    sounds.written(tmp_path / "song.wav", piece.samples)
    sounds.written(tmp_path / "still.wav", sounds.silence(4))
    path = tmp_path / "film.yaml"
    path.write_text("""
callsheet: 1
inputs: {songs: {type: "list[audio]", default: [./song.wav, ./still.wav]}}
nodes:
  beat: {uses: media/beats, with: {audio: "${{ inputs.songs[0] }}", every: 2, count: 3}}
  even: {uses: media/beats, with: {audio: "${{ inputs.songs[1] }}", count: 3}}
  card: {uses: media/title, with: {text: la, seconds: 2, width: 64, height: 36}}
  cut:
    uses: media/concat
    with:
      videos: "${{ [card.video, card.video, card.video, card.video, card.video, card.video] }}"
      seconds: "${{ beat.lengths + even.lengths }}"
outputs: {film: "${{ cut.video }}"}
""")
    assert not callsheet.check(path).diagnostics
    result = callsheet.run(path, preview=True, out=tmp_path / "out", state=tmp_path / "state")
    assert result.status == "done", result.failures
    assert probe(tmp_path / "out/film/preview/film.mp4").seconds == pytest.approx(3 + 1.5, abs=0.5 / 24)
