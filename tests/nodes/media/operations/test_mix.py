"""Mixing: levels measured where a track is heard, steps back, comes from one side, or fills a gap."""

from dataclasses import replace
from math import log10

import pytest

import callsheet
from callsheet.errors import NodeError
from callsheet.nodes.local import perform
from callsheet.nodes.media.codec import audio
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.media.sound.loudness import measured
from callsheet.spec.conform import problems
from callsheet.spec.media import Artifact
from callsheet.testing import sounds

RED = (220, 30, 30)
VOICE, MUSIC, OWN = 1000, 300, 4000


@pytest.fixture
def film(bench):
    """Five silent seconds."""
    return bench.clip([RED] * 120)


@pytest.fixture
def talkie(bench):
    """Four seconds in which the film itself speaks from 1.5 to 2.5."""
    silent, voice = bench.clip([RED] * 96), bench.sound(1, OWN)
    return bench.made("media/mix", video=silent, tracks=[{"audio": voice, "at": 1.5}])


def measured_level(samples):
    """The mean level in dB."""
    return 10 * log10(max(1e-12, sum(sample * sample for sample in samples) / len(samples)))


@pytest.mark.parametrize(("depth", "release"), [(6, 0.2), (20, 1)])
def test_a_track_steps_back_by_the_depth_that_is_asked_for(depth, release, bench, film):
    voice, music = bench.sound(1, VOICE), bench.sound(6, MUSIC)
    made = bench.made(
        "media/mix",
        video=film,
        tracks=[
            {"audio": voice, "name": "voice", "at": 1.5},
            {"audio": music, "under": "voice", "depth": depth, "attack": 0.3, "release": release},
        ],
    )
    full = bench.level(made, 0.2, 1.1, MUSIC)
    assert bench.level(made, 1.52, 2.48, MUSIC) == pytest.approx(full - depth, abs=0.3)
    assert bench.level(made, 1.3, 1.4, MUSIC) < full - 0.3 * depth  # on its way before the voice begins
    back = 2.5 + 0.2 + release
    assert bench.level(made, back - release / 2 - 0.05, back - release / 2, MUSIC) < full - 0.4 * depth
    assert bench.level(made, back + 0.05, 4.9, MUSIC) == pytest.approx(full, abs=0.3)


def test_music_steps_back_for_the_films_own_speech(bench, talkie):
    made = bench.made("media/mix", video=talkie, tracks=[{"audio": bench.sound(5, MUSIC), "under": "film"}])
    assert bench.level(made, 1.6, 2.4, OWN) == pytest.approx(bench.level(talkie, 1.6, 2.4, OWN), abs=0.5)
    assert bench.level(made, 1.6, 2.4, MUSIC) == pytest.approx(bench.level(made, 0.2, 1, MUSIC) - 12, abs=0.4)


@pytest.mark.parametrize("name", ["talk", "film"])
def test_the_films_own_sound_is_the_film_whatever_its_name(name, bench, talkie):
    """Else the music would be heard over it at full level, and nobody would be told."""
    tracks = [{"name": "talk"}, {"audio": bench.sound(5, MUSIC), "under": name}]
    made = bench.made("media/mix", video=talkie, tracks=tracks)
    assert bench.level(made, 1.6, 2.4, MUSIC) == pytest.approx(bench.level(made, 0.2, 1, MUSIC) - 12, abs=0.4)


def test_any_track_steps_back_for_any(bench, talkie):
    """The film for the voice, the music for both."""
    voice, music = bench.sound(0.8, VOICE), bench.sound(5, MUSIC)
    made = bench.made(
        "media/mix",
        video=talkie,
        tracks=[
            {"audio": voice, "name": "voice", "at": 1.6},
            {"name": "film", "gain": -3, "under": "voice", "depth": 9},
            {"audio": music, "under": ["voice", "film"], "depth": 15},
        ],
    )
    own = bench.level(talkie, 1.65, 2.35, OWN)
    assert bench.level(made, 1.65, 2.35, OWN) == pytest.approx(own - 12, abs=0.5)
    assert bench.level(made, 1.65, 2.35, MUSIC) == pytest.approx(
        bench.level(made, 0.1, 1, MUSIC) - 15, abs=0.5
    )


def test_a_muted_film_is_not_heard(bench, talkie):
    music = bench.sound(5, MUSIC)
    made = bench.made("media/mix", video=talkie, tracks=[{"name": "film", "mute": True}, {"audio": music}])
    assert bench.level(made, 1.6, 2.4, OWN) < -60


def test_pan_turns_the_other_side_down(bench):
    tone = bench.sound(1, MUSIC)
    made = bench.made(
        "media/mix_audio", tracks=[{"audio": tone, "pan": 0.5}, {"audio": tone, "pan": 1, "at": 1}]
    )
    left = bench.level(made, 0.1, 0.9, MUSIC)
    assert left == pytest.approx(20 * log10(0.3 * 0.5), abs=0.2)
    assert bench.level(made, 1.1, 1.9, MUSIC) < -60


def test_place_loop_fade_and_gain(bench):
    short, other = bench.sound(0.7, MUSIC), bench.sound(1, VOICE)
    made = bench.made(
        "media/mix_audio",
        seconds=4,
        tracks=[
            {"audio": short, "loop": True, "gain": -6, "fade_in": 1, "fade_out": 1},
            {"audio": other, "at": 2.5, "start": 0.4},
        ],
    )
    assert made.facts.seconds == 4
    assert bench.level(made, 1.5, 2.4, MUSIC) == pytest.approx(20 * log10(0.3) - 6, abs=0.3)
    assert bench.level(made, 0, 0.1, MUSIC) < -30 > bench.level(made, 3.9, 4, MUSIC)
    assert bench.level(made, 2.45, 2.49, VOICE) < -60 and bench.level(made, 2.52, 3.08, VOICE) > -12
    assert bench.level(made, 3.12, 3.9, VOICE) < -60


def test_as_long_as_its_last_sound(bench):
    made = bench.made("media/mix_audio", tracks=[{"audio": bench.sound(1, MUSIC), "at": 2, "speed": 0.5}])
    assert made.facts.seconds == pytest.approx(4, abs=0.001)
    with pytest.raises(NodeError, match="every track is repeated"):
        bench.run("media/mix_audio", tracks=[{"audio": bench.sound(1, MUSIC), "loop": True}])
    with pytest.raises(NodeError, match=r"the mix would last 8\.3 hours; at most 6"):
        bench.run("media/mix_audio", tracks=[{"audio": bench.sound(1, MUSIC), "at": 30_000}])


def test_a_limiter_keeps_true_peaks_below(bench):
    loud = [{"audio": bench.sound(2, hertz), "gain": 12} for hertz in (300, 1100, 3700)]
    for limit in (-1, -6):
        made = bench.made("media/mix_audio", tracks=loud, limit=limit)
        assert limit - 1.5 < measured(audio.of_file(made.path)).peak <= limit + 0.05


def test_twenty_tracks_end_to_the_sample(bench):
    beep = bench.sound(0.1, VOICE)
    made = bench.made(
        "media/mix_audio", tracks=[{"audio": beep, "at": i * 0.5} for i in range(20)], seconds=10
    )
    heard = bench.heard(made)
    assert len(heard) == 480_000
    for at in range(0, 480_000, 24_000):
        assert max(heard[at : at + 480]) > 0.28 and max(heard[at + 4_320 : at + 4_800]) > 0.28
        assert max(map(abs, heard[at + 5_000 : at + 23_800])) < 0.001


def test_room_tone_fills_what_would_be_silent(bench):
    room = sounds.kinds()["soft room"]()[0]
    talk = sounds.laid(
        len(room), iter([(0.5, sounds.struck(200, 1, 0.3, 2)), (3.5, sounds.struck(200, 1, 0.3, 2))])
    )
    mixed = type(room)("f", map(float.__add__, room, talk))
    source = bench.given(sounds.written(bench.folder / "room.wav", mixed))
    spoken = {"audio": source, "at": 0, "seconds": 1.5}
    gap = bench.made("media/mix_audio", seconds=6, tracks=[spoken])
    filled = bench.made("media/mix_audio", seconds=6, tracks=[spoken], room_tone=source)

    silent, toned = bench.heard(gap), bench.heard(filled)
    assert max(map(abs, silent[76_800:])) == 0
    steps = [max(map(abs, toned[at : at + 4_800])) for at in range(76_800, 283_200, 4_800)]
    whole = max(map(abs, room))
    assert 0.3 * whole < min(steps) <= max(steps) < 1.5 * whole
    assert max(abs(a - b) for a, b in zip(toned[28_800:67_200], silent[28_800:67_200], strict=True)) < 1e-4


def test_a_name_that_is_not_there(bench, tmp_path):
    tracks = [{"audio": bench.sound(1, MUSIC), "under": "voise"}]
    with pytest.raises(NodeError, match="`under` names a track that is not there"):
        bench.run("media/mix_audio", tracks=tracks)


def test_wrong_tracks_are_found_before_the_run(tmp_path):
    found = {}
    for name, track in {
        "name": '{audio: "${{ said.audio }}", under: nobody}',
        "place": "{gain: -3, at: 2}",
        "right": '{audio: "${{ said.audio }}", under: film}',
    }.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"""
callsheet: 1
nodes:
  said: {{uses: fal-ai/minimax/speech-02-hd, with: {{text: hello, output_format: url}}}}
  clip: {{uses: fal-ai/pixverse/v4.5/text-to-video, with: {{prompt: a pier, duration: "5"}}}}
  mix: {{uses: media/mix, with: {{video: "${{{{ clip.video }}}}", tracks: [{track}]}}}}
""")
        found[name] = [one.message for one in callsheet.check(path).diagnostics]
    assert "`under` names a track that is not there" in found["name"][0]
    assert "has its place" in found["place"][0]
    assert not found["right"]


def test_the_same_mix_gives_the_same_bytes(bench, talkie):
    tracks = [{"audio": bench.sound(1, MUSIC), "loop": True, "under": "film", "pan": -0.3}]
    one, two = (
        bench.run("media/mix", video=talkie, tracks=tracks, room_tone=talkie)["video"].path.read_bytes()
        for _ in range(2)
    )
    assert one == two


def test_a_film_comes_from_black_and_silence_and_goes_to_them(bench):
    clip = bench.clip([RED] * 48, sound=(48_000, "stereo", OWN))
    film = bench.made("media/concat", videos=[clip, clip], fade_in=1, fade_out=0.5)
    reds = [color[0] for _, color in bench.seen(film)]
    assert len(reds) == 96
    assert reds[0] < 30 and reds[:24] == sorted(reds[:24]) and min(reds[25:83]) > 200
    assert reds[84:] == sorted(reds[84:], reverse=True) and reds[-1] < 40
    full = bench.level(film, 1.2, 3.3, OWN)
    assert bench.level(film, 0.1, 0.15, OWN) < full - 12 and bench.level(film, 3.95, 4, OWN) < full - 15


def test_what_has_no_sound_or_is_cut_off(bench, film):
    """A silent video among the tracks changes nothing; a voice that goes on after the end is told."""
    told = []
    tracks = [
        {"audio": film},
        {"audio": bench.sound(3, VOICE), "name": "voice", "at": 4},
        {"audio": bench.sound(9, MUSIC), "fade_out": 1},
        {"audio": bench.sound(1, OWN), "at": 7, "seconds": 1},
    ]
    job = replace(bench.job("media/mix", video=film, tracks=tracks), tell=told.append)
    made = bench.given(perform(job)["video"].path)
    assert told == ["voice is cut off: its last 2.0 s are after the end"]
    assert bench.level(made, 4.1, 4.9, VOICE) > -15 and bench.level(made, 1, 3.9, MUSIC) > -15
    assert made.facts.seconds == film.facts.seconds


@pytest.mark.parametrize(
    "track",
    [
        {"at": -1},
        {"pan": 2},
        {"gain": 90},
        {"attack": 0},
        {"threshold": 3},
        {"depth": "much"},
    ],
)
def test_values_out_of_their_bounds_are_found_at_check(track, bench):
    field = OPERATIONS["media/mix"].SPEC.inputs["tracks"]
    assert list(problems(field, [{"audio": bench.sound(0.1, MUSIC)}])) == []
    assert list(problems(field, [{"audio": bench.sound(0.1, MUSIC), **track}]))


def test_a_sound_that_cannot_be_read_names_its_file(bench, film):
    broken = bench.folder / "broken.wav"
    broken.write_bytes(bench.sound(1, VOICE).path.read_bytes()[:30])
    with pytest.raises(NodeError, match=r"broken\.wav"):
        bench.run("media/mix", video=film, tracks=[{"audio": Artifact("audio", broken)}])


def test_a_film_fills_its_own_gaps(bench):
    """Two clips with the hum of a room, and a silent card between them."""
    room = bench.given(sounds.written(bench.folder / "room.wav", sounds.kinds()["soft room"]()[0]))
    clip = bench.made("media/mix", video=bench.clip([RED] * 48), tracks=[{"audio": room, "fade_out": 0.01}])
    film = bench.made("media/concat", videos=[clip, bench.clip([RED] * 48), clip])
    filled = bench.made("media/mix", video=film, tracks=[{"name": "film"}], room_tone=film)
    before, after = (
        [measured_level(bench.heard(one)[at : at + 24_000]) for at in range(0, 288_000, 24_000)]
        for one in (film, filled)
    )
    assert min(before[5:7]) < -90 and before[1] > -65
    assert all(abs(level - before[1]) < 4 for level in after[:11])
