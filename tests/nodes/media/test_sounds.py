"""Operations on sound: levels measured where something should, or should not, be heard."""

import struct
from array import array
from math import inf, log10, nan, sin

import pytest

from callsheet.errors import NodeError

RED = (220, 30, 30)
VOICE, MUSIC, OWN = 1000, 300, 4000


@pytest.fixture
def film(bench):
    """Four silent seconds."""
    return bench.clip([RED] * 96)


def test_music_steps_back_while_the_voice_sounds(bench, film):
    voice, music = bench.sound(1.2, VOICE), bench.sound(10, MUSIC)
    made = bench.made("media/mux", video=film, voice=voice, voice_start=1, music=music, fade_out=0)
    before, during, after = (bench.level(made, *span, MUSIC) for span in ((0.2, 0.9), (1.3, 2.1), (3.4, 3.9)))
    assert during < before - 9
    assert after == pytest.approx(before, abs=1.5)
    assert bench.level(made, 1.1, 2.1, VOICE) > bench.level(made, 0.1, 0.9, VOICE) + 40


def test_without_ducking_it_does_not(bench, film):
    voice, music = bench.sound(1.2, VOICE), bench.sound(10, MUSIC)
    made = bench.made(
        "media/mux", video=film, voice=voice, voice_start=1, music=music, ducking=False, fade_out=0
    )
    assert bench.level(made, 1.3, 2.1, MUSIC) == pytest.approx(bench.level(made, 0.2, 0.9, MUSIC), abs=1)


def test_music_is_repeated_and_fades(bench, film):
    made = bench.made("media/mux", video=film, music=bench.sound(0.7, MUSIC), fade_out=1)
    assert bench.level(made, 2, 2.8, MUSIC) == pytest.approx(bench.level(made, 0.1, 0.6, MUSIC), abs=2)
    assert bench.level(made, 3.85, 3.98, MUSIC) < bench.level(made, 2, 2.8, MUSIC) - 12
    assert len(bench.heard(made)) / 48_000 == pytest.approx(4, abs=0.05)


def test_music_once(bench, film):
    made = bench.made("media/mux", video=film, music=bench.sound(1, MUSIC), loop_music=False)
    assert bench.level(made, 1.5, 2.5, MUSIC) < -70


def test_volumes_are_decibels(bench, film):
    music = bench.sound(5, MUSIC)
    loud, soft = (
        bench.made("media/mux", video=film, music=music, music_volume=volume) for volume in (0, -12)
    )
    assert bench.level(loud, 1, 2, MUSIC) - bench.level(soft, 1, 2, MUSIC) == pytest.approx(12, abs=0.5)


def test_the_picture_is_copied(bench, film):
    import av

    made = bench.made("media/mux", video=film, music=bench.sound(1, MUSIC))

    def packets(artifact):
        with av.open(str(artifact.path)) as file:
            return [bytes(p) for p in file.demux(video=0) if p.dts is not None]

    assert packets(made) == packets(film)
    assert [t for t, _ in bench.seen(made)] == pytest.approx([i / 24 for i in range(96)], abs=0.001)


def test_a_copied_picture_keeps_its_rotation(bench):
    made = bench.made("media/mux", video=bench.clip([RED] * 24, turn=90), music=bench.sound(1, MUSIC))
    assert (made.facts.width, made.facts.height) == (36, 64)


def test_lines_one_after_the_other(bench, film):
    lines = [bench.sound(0.5, VOICE), bench.sound(0.5, 2500, rate=44_100, layout="stereo")]
    made = bench.made("media/mux", video=film, voice=lines, voice_start=0.5, voice_gap=1)
    for span, hertz in (((0.55, 0.95), VOICE), ((2.05, 2.45), 2500)):
        assert bench.level(made, *span, hertz) > -25
    assert bench.level(made, 1.1, 1.9, VOICE) < -60


def test_lines_at_their_places(bench, film):
    lines = [bench.sound(0.5, VOICE), bench.sound(0.5, 2500)]
    made = bench.made("media/mux", video=film, voice=lines, voice_at=[3, 0.25])
    assert bench.level(made, 3.05, 3.45, VOICE) > -25
    assert bench.level(made, 0.3, 0.7, 2500) > -25
    with pytest.raises(NodeError, match="2 lines of voice, but 1 places"):
        bench.run("media/mux", video=film, voice=lines, voice_at=[1])


def test_what_was_too_long_is_told(bench, film):
    outputs = bench.run("media/mux", video=film, voice=bench.sound(5, VOICE))
    assert outputs["overrun"] == pytest.approx(1, abs=0.01)
    assert len(bench.seen(bench.given(outputs["video"].path))) == 96


def test_the_own_sound_stays_or_goes(bench):
    video = bench.clip([RED] * 48, sound=(44_100, "stereo", OWN))
    music = bench.sound(2, MUSIC)
    kept = bench.made("media/mux", video=video, music=music)
    assert bench.level(kept, 0.5, 1.5, OWN) > -20
    gone = bench.made("media/mux", video=video, music=music, keep_audio=False)
    assert bench.level(gone, 0.5, 1.5, OWN) < -60
    silent = bench.made("media/mux", video=video, keep_audio=False)
    assert silent.facts.audio is False


def test_loud_tracks_do_not_clip(bench, film):
    lines = [bench.sound(2, VOICE), bench.sound(2, MUSIC)]
    made = bench.made("media/mux", video=film, voice=lines, voice_at=[0, 0], voice_volume=18)
    assert max(map(abs, bench.heard(made))) <= 1.05


def test_a_webm_is_encoded_anew(bench):
    video = bench.clip([RED] * 24, name="a.webm", codec="libvpx", options={})
    made = bench.made("media/mux", video=video, music=bench.sound(1, MUSIC))
    assert len(bench.seen(made)) == 24 and made.facts.audio is True


def test_sound_that_starts_late_stays_late(bench):
    """A line muxed at 1.5 s is still there after the sound is taken out again."""
    video = bench.made(
        "media/mux", video=bench.clip([RED] * 48), voice=bench.sound(0.4, VOICE), voice_start=1.5
    )
    sound = bench.made("media/extract_audio", video=video)
    assert sound.facts.seconds == pytest.approx(2, abs=0.001)
    assert bench.level(sound, 0.1, 1.4, VOICE) < -60 < -25 < bench.level(sound, 1.55, 1.85, VOICE)


def test_no_sound_to_take_out(bench, film):
    with pytest.raises(NodeError, match="the video has no sound"):
        bench.run("media/extract_audio", video=film)


@pytest.mark.parametrize("ending", ["wav", "mp3", "ogg", "m4a", "flac"])
def test_lines_of_any_kind_join(ending, bench):
    one, two = bench.sound(0.5, VOICE, f"a.{ending}"), bench.sound(0.5, MUSIC, rate=44_100)
    made = bench.made("media/concat_audio", audios=[one, two], gap=0.25)
    assert made.facts.seconds == pytest.approx(1.25, abs=0.06)
    assert bench.level(made, 0.1, 0.4, VOICE) > -25
    assert bench.level(made, 0.85, 1.15, MUSIC) > -25


@pytest.mark.parametrize("bad", [nan, inf])
def test_samples_that_are_no_numbers_are_silent(bad, bench):
    """One of them in a sum, a resampler or a measure would spoil all of it."""
    wave = array("f", (bad if i == 9_000 else 0.3 * sin(i / 20) for i in range(48_000)))
    form = struct.pack("<IHHIIHH", 16, 3, 1, 48_000, 192_000, 4, 32)
    path = bench._new("bad.wav")
    path.write_bytes(b"RIFF\0\0\3\0WAVEfmt " + form + struct.pack("<4sI", b"data", 192_000) + wave.tobytes())
    joined = bench.made("media/concat_audio", audios=[bench.given(path)])
    assert max(map(abs, bench.heard(joined))) == pytest.approx(0.3, abs=0.01)
    assert bench.run("media/loudness_audio", audio=bench.given(path))["loudness"] == pytest.approx(
        -14, abs=0.5
    )


@pytest.mark.parametrize("part", [{"start": 0.999_999_9}, {"end": 0.000_01}])
def test_a_part_of_less_than_a_sample_is_one_sample(part, bench):
    made = bench.made("media/trim_audio", audio=bench.sound(1, VOICE), **part)
    assert len(bench.heard(made)) == 1


def test_a_part_of_a_sound(bench):
    both = bench.made("media/concat_audio", audios=[bench.sound(1, VOICE), bench.sound(1, MUSIC)])
    part = bench.made("media/trim_audio", audio=both, start=1, seconds=0.5)
    assert part.facts.seconds == 0.5
    assert bench.level(part, 0.05, 0.45, MUSIC) > bench.level(part, 0.05, 0.45, VOICE) + 40
    with pytest.raises(NodeError, match="begins at 7 s"):
        bench.run("media/trim_audio", audio=both, start=7)


@pytest.mark.parametrize(("layout", "loud"), [("mono", 0.3), ("stereo", 0.3)])
def test_one_channel_is_as_loud_as_two(layout, loud, bench):
    sound = bench.made("media/concat_audio", audios=[bench.sound(1, VOICE, layout=layout)])
    assert bench.level(sound, 0.1, 0.9, VOICE) == pytest.approx(20 * log10(loud), abs=0.2)


def test_six_channels_become_two_without_clipping(bench):
    sound = bench.made("media/concat_audio", audios=[bench.sound(1, VOICE, layout="5.1")])
    assert max(map(abs, bench.heard(sound))) <= 0.31
