"""Scripts of the extra `fonts`: shaped, in their order."""

from __future__ import annotations

import pytest
from PIL import Image

from callsheet.nodes.media.text.breaks import prepared
from callsheet.nodes.media.text.family import family, missing
from callsheet.nodes.media.text.paragraph import Paragraph, Setting, draw, length, paragraph, runs

pytest.importorskip("manimgx_fonts")


def columns(block: Paragraph) -> list[int]:
    """How much is drawn in each column of pixels."""
    mask = Image.new("L", (round(block.width) + 8, block.height))
    draw(mask, (4, 0), block)
    return [sum(mask.crop((x, 0, x + 1, mask.height)).tobytes()) for x in range(mask.width)]


def test_every_script_has_its_font() -> None:
    text = "مرحبا שלום नमस्ते สวัสดี வணக்கம் გამარჯობა 😀"
    assert missing(text, family()) == []


def test_arabic_letters_are_joined() -> None:
    """Joined, they are narrower than the same letters one by one, and there is no gap between them."""
    setting = Setting(60)
    word = "بسم"
    assert length(word, setting, True) < 0.8 * sum(length(letter, setting, True) for letter in word)
    inked = [bool(ink) for ink in columns(paragraph(word, setting, 1000))]
    first, last = inked.index(True), len(inked) - inked[::-1].index(True)
    assert all(inked[first:last])


def test_hebrew_runs_from_right_to_left_around_latin() -> None:
    found = runs(prepared("שלום London טוב"), Setting(40), True)
    assert [run.text.strip() for run in found if run.text.strip()] == ["טוב", "London", "שלום"]


def test_a_paragraph_from_right_to_left_is_known_by_its_first_letter() -> None:
    assert paragraph("(2026) שלום", Setting(40), 500).rtl
    assert not paragraph("London שלום", Setting(40), 500).rtl
