"""Frames as time code, held against the published rule of drop-frame counting."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.dsl.cuts.otio import exact
from callsheet.errors import InputError
from callsheet.spec.timecode import DROPPING, frame_of, timecode

NTSC, DOUBLE = DROPPING
RATES = [
    Fraction(24),
    Fraction(25),
    Fraction(30),
    Fraction(24_000, 1001),
    NTSC,
    DOUBLE,
    Fraction(16),
    Fraction(60),
]


@pytest.mark.parametrize(
    ("frame", "rate", "code"),
    [
        (86_400, Fraction(24), "01:00:00:00"),
        (0, NTSC, "00:00:00;00"),
        (1_799, NTSC, "00:00:59;29"),
        (1_800, NTSC, "00:01:00;02"),
        (17_981, NTSC, "00:09:59;29"),
        (17_982, NTSC, "00:10:00;00"),
        (107_892, NTSC, "01:00:00;00"),
        (3_600, DOUBLE, "00:01:00;04"),
        (35_964, DOUBLE, "00:10:00;00"),
        (48, Fraction(24_000, 1001), "00:00:02:00"),
        (24 * 86_400, Fraction(24), "00:00:00:00"),
        (100_000, Fraction(25), "01:06:40:00"),
        (5, Fraction(1, 3), "00:00:05:00"),
    ],
)
def test_known_places(frame: int, rate: Fraction, code: str) -> None:
    assert timecode(frame, rate) == code


@given(st.integers(0, 2_000_000), st.sampled_from(RATES))
def test_there_and_back(frame: int, rate: Fraction) -> None:
    day = 24 * 3600 * round(rate)
    if frame < day * 99 // 100:
        assert frame_of(timecode(frame, rate), rate) == frame


@given(st.integers(0, 500_000), st.sampled_from(DROPPING))
def test_drop_frame_stays_with_the_clock(frame: int, rate: Fraction) -> None:
    hours, minutes, seconds, frames = (
        int(part) for part in timecode(frame, rate).replace(";", ":").split(":")
    )
    shown = (hours * 60 + minutes) * 60 + seconds + frames / round(rate)
    assert abs(shown - float(frame / rate)) < 0.1


@pytest.mark.parametrize("code", ["1:00:00:00", "00:00:00:24", "00:60:00:00", "now", "24:00:00:00", ""])
def test_what_is_no_time_code(code: str) -> None:
    with pytest.raises(InputError, match="is no time code"):
        frame_of(code, Fraction(24))


def test_a_number_that_is_left_out() -> None:
    with pytest.raises(InputError, match="leaves out"):
        frame_of("00:01:00;01", NTSC)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (23.976, RATES[3]),
        (23.98, Fraction(1199, 50)),
        (29.97003, NTSC),
        (25.0, Fraction(25)),
        (59.94, DOUBLE),
    ],
)
def test_the_rate_that_is_meant(fps: float, rate: Fraction) -> None:
    assert exact(fps) == rate
