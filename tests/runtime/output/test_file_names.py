"""File names from hostile words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.runtime.output.file_names import LONGEST, Names, file_name


@pytest.mark.parametrize(
    "text, name",
    [
        ("clip-dawn", "clip-dawn"),
        ("Golden Hour", "Golden-Hour"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\film\\a", "C-film-a"),
        ("CON", "_CON"),
        ("nul.mp4", "_nul.mp4"),
        ("console", "console"),
        ("日出", "日出"),
        ("🌅 dawn", "🌅-dawn"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("\u202efdp.exe", "fdp.exe"),
        ("cafe\u0301", "café"),
        ("cafe\u200c\u0301", "café"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("trailing. ", "trailing"),
        ("", "untitled"),
        ("///", "untitled"),
    ],
)
def test_names(text, name):
    assert file_name(text) == name


@given(st.text())
def test_any_text_gives_a_harmless_name(text):
    name = file_name(text)
    assert name not in ("", ".", "..")
    assert len(name.encode()) <= LONGEST + 1
    assert name[0] not in ".-"
    assert name[-1] not in ". "
    assert unicodedata.is_normalized("NFC", name)
    assert not set(name) & set('<>:"/\\|?*')
    assert all(unicodedata.category(c)[0] != "C" for c in name)


@given(st.text())
def test_a_name_is_its_own_name(text):
    assert file_name(file_name(text)) == file_name(text)


@given(st.lists(st.sampled_from(["a", "A", "a-2", "b", "ß", "SS"]), max_size=12))
def test_no_two_are_alike_even_where_case_is_no_difference(bases):
    names = Names()
    given_out = [names.claim(base, ".mp4") for base in bases]
    assert len({name.casefold() for name in given_out}) == len(bases)


def test_the_same_owner_gets_the_same_name():
    names = Names()
    assert [names.claim("film", ".mp4", owner) for owner in ("x", "y", "x")] == [
        "film.mp4",
        "film-2.mp4",
        "film.mp4",
    ]


def test_a_reserved_name_waits_for_its_owner():
    names = Names(reserved=["Still-2"])
    assert [names.claim("still", ".png"), names.claim("still", ".png")] == ["still.png", "still-3.png"]
    assert names.claim("still-2", ".png", own=False) == "still-2-2.png"
    assert names.claim("Still-2", ".png") == "Still-2.png"
