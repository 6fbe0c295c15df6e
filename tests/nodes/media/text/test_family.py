"""The fonts that text in films is set in."""

import random
import struct
from pathlib import Path

import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.text.family import SHIPPED, UPRIGHT, face_of, family, missing
from callsheet.nodes.media.text.paragraph import Setting, draw, fitted, length, paragraph


def test_latin_greek_and_cyrillic_come_with_callsheet_and_its_licence() -> None:
    fonts = family()
    assert missing("Ärger, Çà, Łódź, Việt; Ελλάδα; Щука; ♪ → € ©", fonts) == []
    assert missing("a\u4e00b\u4e00", [face for face in fonts if face.path.parent == SHIPPED]) == ["\u4e00"]
    assert "SIL OPEN FONT LICENSE" in (SHIPPED / "OFL.txt").read_text(encoding="utf-8")
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 3_000_000


def test_a_file_of_ones_own_comes_first_and_has_to_be_a_font(tmp_path: Path) -> None:
    own = tmp_path / "mine.ttf"
    own.write_bytes(UPRIGHT.read_bytes())
    assert family(own)[0].path == own
    for data in (b"", b"no font", UPRIGHT.read_bytes()[:2000], b"OTTO" + bytes(5000)):
        broken = tmp_path / f"broken-{len(data)}.ttf"
        broken.write_bytes(data)
        with pytest.raises(NodeError, match="is no font"):
            family(broken)


@pytest.mark.parametrize("table", [b"CBDT", b"COLR", b"SVG ", b"sbix"])
def test_a_font_of_coloured_pictures_is_refused(tmp_path: Path, table: bytes) -> None:
    """It would be drawn as nothing, or only at one size."""
    own = tmp_path / "emoji.ttf"
    own.write_bytes(UPRIGHT.read_bytes().replace(b"STAT", table, 1))
    with pytest.raises(NodeError, match="is a font of coloured pictures"):
        family(own)


def test_a_font_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    """FreeType draws nothing for the letters whose outlines are missing, and says nothing."""
    own = tmp_path / "mine.ttf"
    own.write_bytes(UPRIGHT.read_bytes()[: UPRIGHT.stat().st_size // 2])
    with pytest.raises(NodeError, match="is cut off"):
        family(own)


def test_a_letter_that_a_font_cannot_draw_comes_from_the_next_one(tmp_path: Path) -> None:
    data = bytearray(UPRIGHT.read_bytes())
    tables = {bytes(data[at : at + 4]): at for at in range(12, 12 + 16 * 30, 16)}
    glyphs, size = struct.unpack_from(">II", data, tables[b"glyf"] + 8)
    data[glyphs : glyphs + size] = b"\x7f" * size
    own = tmp_path / "mine.ttf"
    own.write_bytes(data)
    fonts = family(own)
    assert fonts[0].path == own and face_of("H", fonts).path == UPRIGHT and missing("Home", fonts) == []


def test_a_damaged_font_is_refused_or_drawn(tmp_path: Path) -> None:
    """Damage to the tables that say how a font varies, and to others, never ends in an exception."""
    luck, good = random.Random(2), UPRIGHT.read_bytes()
    for number in range(40):
        data = bytearray(good)
        for _ in range(luck.choice([1, 20, 200])):
            data[luck.randrange(luck.choice([400, 20_000]))] = luck.randrange(256)
        own = tmp_path / f"{number}.ttf"
        own.write_bytes(data)
        try:
            fonts = family(own)
        except NodeError:
            continue
        try:
            draw(Image.new("L", (400, 100)), (0, 0), paragraph("Hello fi", Setting(40, 700, fonts), 400))
        except NodeError as error:
            assert "is damaged" in error.message


def test_weights_differ() -> None:
    assert length("Home", Setting(60, 700), False) > length("Home", Setting(60, 400), False) + 3


def test_lines_fit_and_are_of_about_one_length() -> None:
    text = "This is where the old road ended, long before anybody thought of the sea"
    found = paragraph(text, Setting(40), 700)
    widths = [length(line, found.setting, False) for line in found.lines]
    assert " ".join(found.lines) == text
    assert max(widths) < 560 and min(widths) > 0.6 * max(widths)


def test_a_long_text_gets_smaller_and_then_does_not_fit() -> None:
    assert fitted("Home", Setting(40), (400, 100), 20) == paragraph("Home", Setting(40), 400)
    smaller = fitted("word " * 12, Setting(40), (300, 130), 20)
    assert smaller is not None and 20 <= smaller.setting.size < 40 and smaller.height <= 130
    assert fitted("word " * 100, Setting(40), (300, 130), 20) is None


def test_lines_of_the_text_stay_lines() -> None:
    found = fitted("Home again\nat the sea", Setting(40), (400, 200), 20)
    assert found is not None and found.lines == ("Home again", "at the sea")
