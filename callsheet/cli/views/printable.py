"""Text from a file or a provider, made harmless for a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

BLANKS: Final = "\n\r\t\v\f\u2028\u2029"
UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
JOINERS: Final = "\u200c\u200d"
"""Parts of words in Persian and Hindi, and of emoji; they do nothing to a terminal."""


def printable(text: str) -> str:
    """`text` on one line: no escape sequences, no marks that turn the order of what follows."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in BLANKS:
        return " "
    unseen = unicodedata.category(character) in UNSEEN and character not in JOINERS
    return "�" if unseen else character
