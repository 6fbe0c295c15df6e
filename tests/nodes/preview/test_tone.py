"""Preview sounds."""

from __future__ import annotations

import av
import pytest

from callsheet.nodes.media.probe import identify, probe
from callsheet.spec.media import Facts


def sound_spec(studio, seconds, task):
    return studio.spec({"audio": "audio"}, Facts(seconds=seconds), task=task)


@pytest.mark.parametrize(
    ("asked", "ending"),
    [(None, "mp3"), ("wav", "wav"), ("flac", "flac"), ("mp3_44100_128", "mp3"), ("ulaw_8000", "mp3")],
)
def test_the_asked_format(studio, asked, ending):
    params = {"output_format": asked} if asked else {}
    path = studio.path(sound_spec(studio, 0.5, "text-to-speech"), prompt="good evening", **params)
    assert path.suffix == f".{ending}"
    assert identify(path) == "audio"


def test_a_format_may_stand_inside_a_setting(studio):
    spec = sound_spec(studio, 0.5, "text-to-speech")
    assert studio.path(spec, prompt="hi", audio_setting={"format": "flac"}).suffix == ".flac"


@pytest.mark.parametrize("task", ["text-to-speech", "text-to-audio"])
@pytest.mark.parametrize("seconds", [0.05, 0.7, 6.5])
def test_it_lasts_as_long_as_the_facts_say(studio, task, seconds):
    path = studio.path(sound_spec(studio, seconds, task), prompt="one two three", output_format="wav")
    assert probe(path).seconds == pytest.approx(seconds, abs=0.001)


def test_speech_has_rests_and_music_has_none(studio):
    quiet = {}
    for task in ("text-to-speech", "text-to-audio"):
        path = studio.path(
            sound_spec(studio, 3.0, task), prompt="one little word after another", output_format="wav"
        )
        with av.open(str(path)) as container:
            values = [v for f in container.decode(audio=0) for v in memoryview(bytes(f.planes[0])).cast("h")]
        peaks = [max(map(abs, values[i : i + 960])) for i in range(0, len(values) - 960, 960)]
        assert 800 < max(peaks) < 24_000
        quiet[task] = sum(p < 60 for p in peaks) / len(peaks)
    assert quiet["text-to-speech"] > 0.1 > quiet["text-to-audio"]
