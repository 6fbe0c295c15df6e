"""Where lines may be broken."""

import pytest

from callsheet.nodes.media.text.breaks import prepared, units


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("to be or", ["to ", "be ", "or"]),
        ("well-known fact", ["well-", "known ", "fact"]),
        ("minus -5 degrees", ["minus ", "-5 ", "degrees"]),
        ("「日本語」です。", ["「日", "本", "語」", "で", "す。"]),
        ("データー、ちょっと", ["デー", "ター、", "ちょっ", "と"]),
        ("中文 and English", ["中", "文 ", "and ", "English"]),
        ("한국어 문장", ["한국어 ", "문장"]),
        ("10\u00a0km weit", ["10\u00a0km ", "weit"]),
        ("👩\u200d👩\u200d👧 go", ["👩\u200d👩\u200d👧 ", "go"]),
    ],
)
def test_units(line: str, wanted: list[str]) -> None:
    assert list(units(line)) == wanted


def test_a_text_is_brought_into_form() -> None:
    assert prepared("  a\t b \r\n\u202ec\u0000d\n\n") == "a b\ncd"
    assert prepared("e\u0301") == "é"
