"""The order in which text of two directions is shown."""

import pytest

from callsheet.nodes.media.text.order import directed


def shown(text: str, rtl: bool) -> str:
    """The characters from left to right, as a reader of capital letters as Hebrew would see them."""
    hebrew = {chr(0x05D0 + i): chr(ord("A") + i) for i in range(26)}
    back = {char: letter for letter, char in hebrew.items()}
    given = "".join(back.get(char, char) for char in text)
    runs = (run[::-1] if turned else run for run, turned in directed(given, rtl))
    return "".join(hebrew.get(char, char) for char in "".join(runs))


@pytest.mark.parametrize(
    ("text", "rtl", "wanted"),
    [
        ("abc def", False, "abc def"),
        ("ABC DEF", True, "FED CBA"),
        ("car ABC man", False, "car CBA man"),
        ("ABC car DEF", True, "FED car CBA"),
        ("he said ABC 123 ok", False, "he said 123 CBA ok"),
        ("ABC 12.5 DEF", True, "FED 12.5 CBA"),
        ("ABC 10%", True, "10% CBA"),
        ("ABC (car) DEF", True, "FED )car( CBA"),
        ("ABC car (man)", True, "car (man) CBA"),
        ("ABC.", True, ".CBA"),
        ("abc ABC.", False, "abc CBA."),
    ],
)
def test_what_stands_where(text: str, rtl: bool, wanted: str) -> None:
    """Brackets are still those of the text; the shaper mirrors them in what runs from right to left."""
    assert shown(text, rtl) == wanted


def test_a_number_after_arabic_letters_keeps_its_digits_together() -> None:
    assert directed("\u0628 12/11", True) == [("12/11", False), ("\u0628 ", True)]
