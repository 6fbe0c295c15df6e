"""Where a line of text may be broken.

After spaces and hyphens; between Han and kana, by the rules for what never begins or ends a line (JIS X 4051,
GB/T 15834). Korean breaks at spaces. Thai, Lao, Khmer and Burmese, written without spaces, would need a
dictionary: they break at spaces, and a stretch that is wider than a line anywhere between two characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from callsheet.nodes.media.text.characters import JOINERS, clusters

NEVER_FIRST: Final = frozenset(
    "、。，．・：；？！‥…‧）］｝〕〉》」』】〙〗〟’”»)]},.:;?!%％‰℃ー～〜々ゝゞヽヾ゛゜"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ–—"
)
NEVER_LAST: Final = frozenset("（［｛〔〈《「『【〘〖〝‘“«([{$¥￥£€＄")
HYPHENS: Final = frozenset("-‐–—/")
NO_BREAK: Final = ("\u00a0", "\u202f")
SENTENCE_ENDS: Final = tuple(".?!…。．？！؟।")
CLAUSE_ENDS: Final = (*SENTENCE_ENDS, *",;:–—、，；：،؛")
AT_CLAUSE: Final = 0.8
"""Of the ways to cut a text in two lines, that with the shortest longer line is taken; this is the factor by
which one that is cut where a clause ends counts as shorter."""


def prepared(text: str) -> str:
    """`text` in the form that is set: composed (NFC), single spaces, no control or direction characters.
    Lines stay lines; empty ones at its ends go."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = ("".join(_kept(line)).split(" ") for line in text.split("\n"))
    return "\n".join(" ".join(filter(None, words)) for words in lines).strip("\n")


def _kept(line: str) -> Iterator[str]:
    for char in line:
        if char in (*NO_BREAK, *JOINERS):
            yield char
        elif char.isspace():
            yield " "
        elif unicodedata.category(char) not in ("Cc", "Cf", "Cs"):
            yield char


def units(line: str) -> Iterator[str]:
    """The pieces of a line after each of which it may be broken; a piece has its spaces at its end."""
    current = ""
    for cluster in clusters(line):
        if current and _breaks(current, cluster):
            yield current
            current = ""
        current += cluster
    if current:
        yield current


def _breaks(before: str, after: str) -> bool:
    last, first = before[-1], after[0]
    if first == " " or last in NO_BREAK or first in NO_BREAK:
        return False
    if last == " ":
        return True
    if last in HYPHENS:
        return len(before) > 1 and not first.isdigit() and first not in NEVER_FIRST
    if first in NEVER_FIRST or last in NEVER_LAST:
        return False
    return is_ideograph(first) or is_ideograph(last)


def is_ideograph(char: str) -> bool:
    """Han, kana and the wide signs beside them; Hangul is written with spaces."""
    if unicodedata.east_asian_width(char) not in "WF":
        return False
    return not ("\uac00" <= char <= "\ud7ff" or "\u1100" <= char <= "\u11ff")
