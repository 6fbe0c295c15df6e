"""Loudness: what comes out is measured again, by the finished file."""

from array import array
from dataclasses import replace

import pytest

from callsheet.nodes.local import perform
from callsheet.nodes.media.codec import audio
from callsheet.nodes.media.sound.limiter import limited
from callsheet.nodes.media.sound.loudness import measured
from callsheet.nodes.media.sound.signal import framed
from callsheet.testing import sounds

RED = (220, 30, 30)


@pytest.mark.parametrize(("kind", "target"), [*zip(sounds.kinds(), (-14, -16, -23) * 4, strict=False)])
def test_ten_kinds_of_sound_reach_their_target(kind, target, bench):
    source = sounds.written(bench.folder / "sound.wav", *sounds.kinds()[kind]())
    outputs = bench.run("media/loudness_audio", audio=bench.given(source), target=target)
    found = measured(audio.of_file(outputs["audio"].path))
    assert found.integrated == pytest.approx(target, abs=0.5)
    assert found.peak <= -1
    assert (outputs["loudness"], outputs["true_peak"]) == (found.integrated, found.peak)
    before = measured(audio.of_file(source))
    assert outputs["loudness_before"] == before.integrated


@pytest.mark.parametrize(("kind", "target"), [("drums", -14), ("speech", -23)])
def test_a_film_is_measured_after_its_sound_is_encoded(kind, target, bench):
    source = bench.given(sounds.written(bench.folder / "sound.wav", *sounds.kinds()[kind]()))
    film = bench.made("media/mix", video=bench.clip([RED] * 144), tracks=[{"audio": source}])
    outputs = bench.run("media/loudness", video=film, target=target)
    made = bench.given(outputs["video"].path)
    found = measured(audio.of_file(made.path))
    assert found.integrated == pytest.approx(target, abs=0.5) and found.peak <= -1
    assert outputs["loudness"] == found.integrated
    assert [color for _, color in bench.seen(made)] == [color for _, color in bench.seen(film)]
    assert made.facts.seconds == film.facts.seconds


def test_the_measure_is_that_of_the_standard(bench):
    """EBU Tech 3341, case 1: a tone of 1 kHz at -23 dBFS in both channels is -23 LUFS."""
    source = sounds.written(bench.folder / "sound.wav", sounds.tone(1000, 10 ** (-23 / 20)))
    found = measured(audio.of_file(source))
    assert found.integrated == pytest.approx(-23, abs=0.1)
    assert found.peak == pytest.approx(-23, abs=0.2)


def test_the_same_sound_gives_the_same_bytes(bench):
    source = bench.sound(2, 440)
    one, two = (bench.run("media/loudness_audio", audio=source)["audio"].path.read_bytes() for _ in range(2))
    assert one == two


def test_silence_stays_as_it_is(bench):
    silent = bench.given(sounds.written(bench.folder / "sound.wav", sounds.silence(2)))
    told = []
    outputs = perform(replace(bench.job("media/loudness_audio", audio=silent), tell=told.append))
    assert outputs["loudness"] == -70 and "no sound above -70 LUFS" in told[0]
    film = bench.clip([RED] * 24)
    outputs = bench.run("media/loudness", video=film)
    assert outputs["video"].path.read_bytes() == film.path.read_bytes()


def test_a_target_that_short_peaks_do_not_allow_is_told(bench):
    click = sounds.laid(4 * sounds.SAMPLE_RATE, iter([(1.0, sounds.struck(2000, 0.002, 0.9, 0.001))]))
    source, told = bench.given(sounds.written(bench.folder / "click.wav", click)), []
    outputs = perform(replace(bench.job("media/loudness_audio", audio=source), tell=told.append))
    assert outputs["true_peak"] <= -1 and outputs["loudness"] < -14.5
    before = measured(audio.of_file(source.path)).peak
    assert outputs["gain"] == pytest.approx(-1 - before + 12, abs=0.01)  # the limiter takes no more
    assert "is as near to -14 as peaks below -1 dBTP let it come" in told[0]


@pytest.mark.parametrize("samples", [1, 14, 479, 480, 481, 5000, 48_001])
def test_the_limiter_keeps_every_sample(samples):
    loud = [framed([array("f", [0.9] * min(1024, samples - at))] * 2) for at in range(0, samples, 1024)]
    assert sum(frame.samples for frame in limited(loud, -6, 12)) == samples


def test_a_clip_of_a_webm_is_encoded_once_and_leveled(bench):
    video = bench.clip([RED] * 24, name="a.webm", codec="libvpx", options={}, sound=(48_000, "stereo", 440))
    outputs = bench.run("media/loudness", video=video, target=-20)
    made = bench.given(outputs["video"].path)
    assert measured(audio.of_file(made.path)).integrated == pytest.approx(-20, abs=0.5)
    assert len(bench.seen(made)) == 24
