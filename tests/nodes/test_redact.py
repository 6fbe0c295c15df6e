"""No secret survives, in whatever form a text carries it."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.nodes.redact import hide_credentials, redacted

SECRET = "canary-id:canary+secret/=="


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"Authorization: Key {SECRET}",
        f"?key={quote(SECRET, safe='')}",
        base64.b64encode(SECRET.encode()).decode(),
        "canary-id alone",
        "https://x.example/a?token=canary",
        "https://canary:canary@x.example/a",
        "see https://x.example/a#canary.",
        "data:image/png;base64,canary",
    ],
)
def test_no_form_of_a_secret_is_shown(text: str) -> None:
    cleaned = redacted(text, [SECRET])
    assert "canary" not in cleaned
    assert base64.b64encode(SECRET.encode()).decode()[:12] not in cleaned


def test_the_rest_stays_readable() -> None:
    assert (
        hide_credentials("no file at https://x.example/a/b.mp4?sig=1, sorry")
        == "no file at https://x.example/a/b.mp4?… sorry"
    )
    assert redacted("a cab of abc", ["", "a", "abc"]) == "a cab of abc"


@given(st.text(), st.text(), st.text(alphabet="abcdefXYZ0189-_", min_size=6, max_size=40))
def test_a_secret_between_any_texts_is_hidden(before: str, after: str, secret: str) -> None:
    assert secret not in redacted(f"{before} {secret} {after}", [secret])
