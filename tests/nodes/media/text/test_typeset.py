"""Cleaning, measuring and cutting text."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from callsheet.nodes.media.text import fonts
from callsheet.nodes.media.text.coverage import Coverage, coverage
from callsheet.nodes.media.text.typeset import (
    _runs,
    clean,
    clusters,
    draw,
    fitted,
    is_rtl,
    length,
    shortened,
    wrapped,
)

TEXT = st.text(max_size=200).map(clean)


@pytest.mark.parametrize(
    ("dirty", "tidy"),
    [
        ("  two\n\twords ", "two words"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("e\u0301", "é"),
    ],
)
def test_cleaning(dirty, tidy):
    assert clean(dirty) == tidy


def test_cleaning_is_bounded():
    assert len(clean("ab " * 100_000)) <= 3000


@settings(max_examples=60, deadline=None)
@given(TEXT, st.integers(40, 300))
def test_no_line_is_wider_than_asked(text, width):
    for line in wrapped(text, width, 16):
        assert (
            length(line, 16) <= width
            or len(list(clusters(line))) == 1
            or line[-1] in ".,!?:;)]}、。，．！？：；）」』】〉》’”…"
        )


@settings(max_examples=60, deadline=None)
@given(TEXT, st.integers(40, 300))
def test_wrapping_loses_nothing_but_spaces(text, width):
    assert "".join(wrapped(text, width, 16)).replace(" ", "") == text.replace(" ", "")


@settings(max_examples=40, deadline=None)
@given(TEXT, st.integers(60, 400), st.integers(30, 200))
def test_a_block_stays_in_its_box(text, width, height):
    block = fitted(text, width, height, 40, 10)
    assert 10 <= block.size <= 40
    assert block.height <= max(height, block.leading)


def test_short_text_is_set_larger_than_long_text():
    assert fitted("Dawn", 300, 200, 60, 10).size > fitted("Dawn breaks " * 20, 300, 200, 60, 10).size


def test_what_does_not_fit_ends_in_an_ellipsis():
    assert fitted("word " * 500, 200, 60, 40, 12).lines[-1].endswith("…")
    assert shortened("a very long address indeed", 80, 16).endswith("…")
    assert shortened("ok", 80, 16) == "ok"
    assert length(shortened("a very long address indeed", 80, 16), 16) <= 80


def test_marks_and_joined_pictographs_stay_together():
    assert list(clusters("e\u0301x👩\u200d🚀👋🏽")) == ["e\u0301", "x", "👩\u200d🚀", "👋🏽"]


def test_direction_is_that_of_the_first_letter():
    assert is_rtl("123 שלום abc")
    assert not is_rtl("123 abc שלום")


def covering(name: str, text: str, emoji: bool = False) -> fonts.Face:
    """A font that draws these characters, by its name alone."""
    return fonts.Face(Path(name), emoji, Coverage(tuple((ord(c), ord(c)) for c in sorted(set(text)))))


@pytest.fixture
def installed(monkeypatch):
    """Makes these the fonts of the machine, whatever it really has; Pillow's own is always there."""

    def install(*faces):
        monkeypatch.setattr(fonts, "_faces", lambda: [fonts.own(), *faces])
        fonts._face_of.cache_clear()

    monkeypatch.setattr(fonts, "_files", dict)
    yield install
    fonts._face_of.cache_clear()


HAN, ACCENTS = covering("han", "灯塔é"), covering("accents", "éüñ")
ALL = covering("all", "灯塔35mcafé")
EMOJI = covering("emoji", "🚀灯塔35mcafé", emoji=True)


@pytest.mark.parametrize(
    ("word", "machine", "drawn"),
    [
        ("cafe", (ALL,), [(fonts.own(), "cafe")]),
        ("café", (ACCENTS, ALL), [(ALL, "café")]),
        ("灯塔", (HAN, ALL), [(HAN, "灯塔")]),
        ("灯塔35mm", (HAN, EMOJI, ALL), [(ALL, "灯塔35mm")]),
        ("灯塔35mm", (HAN,), [(HAN, "灯塔"), (fonts.own(), "35mm")]),
        ("灯塔35mm", (), [(None, "灯塔"), (fonts.own(), "35mm")]),
    ],
)
def test_a_word_is_not_torn_between_fonts_where_one_has_all_of_it(word, machine, drawn, installed):
    installed(*machine)
    assert _runs(word, rtl=False) == drawn


def test_the_measured_line_is_the_drawn_line():
    for text in ("(35mm film) ضوء حجمي", "Waves at dawn", "ab灯c"):
        image = Image.new("RGB", (500, 60))
        draw(image, (10, 40), text, 28, (255, 255, 255), rtl=True)
        left, _, right, _ = image.getbbox()
        assert right - left == pytest.approx(length(text, 28, rtl=True), abs=6)


def test_latin_is_drawn_by_the_font_that_is_everywhere():
    assert fonts.face_of("a") == fonts.own()


def test_what_no_font_draws_is_a_box_and_is_said_once(caplog, monkeypatch):
    monkeypatch.setattr(fonts, "_files", dict)
    for cached in (fonts._faces, fonts._face_of, fonts._tell_missing):
        cached.cache_clear()
    length.cache_clear()
    image = Image.new("L", (60, 40))
    with caplog.at_level(logging.WARNING):
        draw(image.convert("RGB"), (4, 30), "灯灯", 24, (255, 255, 255))
        fonts.face_of("塔")
    for cached in (fonts._faces, fonts._face_of):
        cached.cache_clear()
    length.cache_clear()
    assert len(caplog.records) == 1
    assert "install" in caplog.text


def test_a_box_is_an_outline(monkeypatch):
    monkeypatch.setattr("callsheet.nodes.media.text.typeset.face_of", lambda char: None)
    length.cache_clear()
    image = Image.new("RGB", (60, 60))
    draw(image, (6, 48), "灯", 40, (255, 255, 255))
    length.cache_clear()
    assert image.getpixel((26, 34)) == (0, 0, 0)
    assert image.convert("L").getextrema() == (0, 255)


@settings(max_examples=80)
@given(st.binary(max_size=400))
def test_a_broken_font_covers_nothing_or_something_but_never_fails(data):
    assert 0x110001 not in coverage(data)


def test_coverage_of_a_real_font():
    covered = coverage(fonts.own().font(16).font_bytes)
    assert all(ord(c) in covered for c in 'Az9[]"')
    assert ord("灯") not in covered
