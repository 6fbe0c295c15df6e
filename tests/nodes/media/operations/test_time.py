"""media/freeze, media/loop, media/reverse and media/ramp: which picture and which sound is when."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from callsheet.errors import NodeError
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.media.timeline import retimed
from tests.nodes.media.test_joins import beeps, counted, flashes, flashing, near

# Each picture has a brightness of its own.
STEPS = [(i * 9 + 8,) * 3 for i in range(24)]


def brightness(bench: Any, film: Any) -> list[int]:
    return [color[0] for _, color in bench.seen(film)]


def order(bench: Any, film: Any) -> list[int]:
    """Which picture of STEPS each picture is."""
    return [round((value - 8) / 9) for value in brightness(bench, film)]


@pytest.mark.parametrize(
    ("at", "frame"), [("first", 0), ("last", 23), (0.5, 12), (0.51, 12), (0.0, 0), (1.0, 23), (0.96, 23)]
)
def test_one_picture_stands_and_all_others_are_shown_once(at: Any, frame: int, bench: Any) -> None:
    clip = bench.clip(STEPS)
    film = bench.made("media/freeze", video=clip, at=at, seconds=0.5)
    assert order(bench, film) == [*range(frame + 1), *[frame] * 12, *range(frame + 1, 24)]


def test_the_sound_stops_while_the_picture_stands_and_stays_in_time_after_it(bench: Any) -> None:
    film = bench.made(
        "media/freeze", video=flashing(bench, seconds=2, flash=1.0, beep=1.0), at=0.5, seconds=1
    )
    assert counted(film) == 72 and flashes(film) == [2.0]
    assert beeps(film, bench) == pytest.approx([2.0], abs=0.045)
    tone = flashing(bench, seconds=1, tone=440)
    held = bench.made("media/freeze", video=tone, at="last", seconds=1)
    assert bench.level(held, 1.1, 1.9, 440) < -60 < -20 < bench.level(held, 0.1, 0.9, 440)
    between = bench.made("media/freeze", video=tone, at=0.3, seconds=0.5)
    samples = bench.heard(between)
    assert max(abs(b - a) for a, b in pairwise(samples)) < 0.06


def test_a_picture_after_the_end_does_not_stand(bench: Any) -> None:
    clip = bench.clip(STEPS)
    with pytest.raises(NodeError, match="there is no picture at 3 s, the video is 1 s long"):
        bench.run("media/freeze", video=clip, at=3)
    assert any(rule.broken({"video": clip, "at": 3}) for rule in OPERATIONS["media/freeze"].SPEC.rules)
    assert not any(rule.broken({"video": clip, "at": 1}) for rule in OPERATIONS["media/freeze"].SPEC.rules)


def test_a_loop_is_so_many_times_or_so_long(bench: Any) -> None:
    clip = flashing(bench, seconds=1, flash=0.5, beep=0.5)
    thrice = bench.made("media/loop", video=clip, times=3)
    assert flashes(thrice) == [0.5, 1.5, 2.5]
    assert beeps(thrice, bench) == pytest.approx([0.5, 1.5, 2.5], abs=0.001)
    part = bench.made("media/loop", video=clip, seconds=2.25)
    assert counted(part) == 54 and flashes(part) == [0.5, 1.5]
    short = bench.made("media/loop", video=clip, seconds=0.25)
    assert counted(short) == 6


def test_how_long_a_loop_goes_on_is_said_once(bench: Any) -> None:
    rules = OPERATIONS["media/loop"].SPEC.rules
    assert any(rule.broken({}) for rule in rules)
    assert any(rule.broken({"times": 2, "seconds": 3}) for rule in rules)
    with pytest.raises(NodeError, match="either `times` or `seconds`"):
        bench.run("media/loop", video=bench.clip())
    with pytest.raises(NodeError, match="is not repeated for 2000 s"):
        bench.run("media/loop", video=bench.clip(), seconds=2000)


def test_backwards_every_picture_is_there_once(bench: Any, monkeypatch: Any) -> None:
    clip = bench.clip(STEPS)
    whole = bench.made("media/reverse", video=clip)
    assert order(bench, whole) == list(range(23, -1, -1))
    monkeypatch.setattr(retimed, "HELD", 64 * 36 * 3 // 2 * 5)
    in_parts = bench.made("media/reverse", video=clip)
    assert in_parts.path.read_bytes() == whole.path.read_bytes()


def test_backwards_the_sound_is_under_its_picture(bench: Any) -> None:
    film = bench.made("media/reverse", video=flashing(bench, seconds=2, flash=0.25, beep=0.25))
    (flash,), (beep,) = flashes(film), beeps(film, bench)
    assert flash == pytest.approx(1.65, abs=0.05) and beep == pytest.approx(1.65, abs=0.005)


def test_backwards_a_film_knows_its_shots(bench: Any) -> None:
    from dataclasses import replace

    from callsheet.spec.media import Shot

    shots = (Shot("a", 0, 6, 0, 12000, 0.0, 1.0), Shot("b", 6, 18, 12000, 36000, 0.5, 1.0))
    clip = replace(bench.clip(STEPS), shots=shots)
    found = bench.run("media/reverse", video=clip)["video"].shots
    assert [(shot.source, shot.frame, shot.frames, shot.start, shot.speed) for shot in found] == [
        ("b", 0, 18, 1.25, -1.0),
        ("a", 18, 6, 0.25, -1.0),
    ]
    ramped = bench.run("media/ramp", video=clip, speeds=[{"at": 0, "speed": 0.5}])["video"].shots
    assert [(shot.source, shot.frame, shot.frames, shot.speed) for shot in ramped] == [
        ("a", 0, 12, 0.5),
        ("b", 12, 36, 0.5),
    ]


@pytest.mark.parametrize(
    ("speeds", "length", "place"),
    [
        ([(0, 1)], 2.0, 1.0),
        ([(0, 2)], 1.0, 0.5),
        ([(0, 0.5), (2, 0.5)], 4.0, 2.0),
        ([(0, 1), (2, 3)], 1.0986, 0.6931),
        ([(0.5, 1), (1.0, 0.25)], 5.4242, 0.5 + 0.9242),
        ([(0.5, 4), (0.6, 0.2)], None, None),
    ],
)
def test_a_ramp_shows_and_sounds_everything_at_its_time(
    speeds: Any, length: Any, place: Any, bench: Any
) -> None:
    points = [{"at": at, "speed": speed} for at, speed in speeds]
    film = bench.made("media/ramp", video=flashing(bench, seconds=2), speeds=points)
    (flash,), (beep,) = flashes(film), beeps(film, bench)
    assert flash == pytest.approx(beep, abs=0.045)
    if length is not None:
        assert counted(film) == pytest.approx(length * 24, abs=1)
        assert flash == pytest.approx(place, abs=0.045) and beep == pytest.approx(place, abs=0.02)
        assert len(bench.heard(film)) == pytest.approx(length * 48_000, abs=2400)


def test_a_steady_tone_stays_steady_through_a_ramp(bench: Any) -> None:
    tone = flashing(bench, seconds=2, tone=440)
    film = bench.made("media/ramp", video=tone, speeds=[{"at": 0, "speed": 1}, {"at": 2, "speed": 2}])
    samples = bench.heard(film)[4800:-9600]
    loudness = [max(map(abs, samples[i : i + 480])) for i in range(0, len(samples) - 480, 480)]
    assert max(loudness) < 0.62 and sorted(loudness)[len(loudness) // 20] > 0.3


def test_speeds_in_the_wrong_order_or_after_the_end(bench: Any) -> None:
    clip, rules = bench.clip(STEPS), OPERATIONS["media/ramp"].SPEC.rules
    wrong = [{"at": 1, "speed": 1}, {"at": 0.5, "speed": 2}]
    late = [{"at": 4, "speed": 1}]
    for speeds in (wrong, late):
        assert any(rule.broken({"video": clip, "speeds": speeds}) for rule in rules)
        with pytest.raises(NodeError, match="do not rise, or are after the end"):
            bench.run("media/ramp", video=clip, speeds=speeds)


@pytest.mark.parametrize("uses", ["reverse", "freeze", "ramp", "loop"])
def test_the_same_bytes_and_odd_or_turned_clips(uses: str, bench: Any) -> None:
    more = {"ramp": {"speeds": [{"at": 0, "speed": 1.5}]}, "loop": {"times": 2}}.get(uses, {})
    clip = bench.clip([(90, 90, 90)] * 12, turn=90)
    one, two = (bench.made(f"media/{uses}", video=clip, **more) for _ in range(2))
    assert one.path.read_bytes() == two.path.read_bytes() and one.facts.width == 36
    odd = bench.clip([(90, 90, 90)] * 12, size=(65, 37), pixels="yuv444p")
    made = bench.made(f"media/{uses}", video=odd, **more)
    assert (made.facts.width, made.facts.height) == (64, 36) and near(bench.seen(made)[3][1], (90, 90, 90))
