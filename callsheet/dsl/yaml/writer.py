"""Text as a YAML scalar, for files that callsheet writes; `callsheet.dsl.yaml.reader` reads them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from callsheet.dsl.yaml.reader import core_value

PLAIN: Final = r"[A-Za-z_](?:[\w\[\]\"'/.,@+=()-]|#|:(?=[^\s\"'])| (?=[\w\[\"'/(]))*"
"""Text that needs no quotes on a line of its own."""
WORD: Final = r"[A-Za-z_][\w/.@+=-]*"
"""Text that needs no quotes inside braces and brackets either."""
NAMED: Final = {"\n": "n", "\t": "t", "\r": "r", '"': '"', "\\": "\\"}
_PLAIN: Final = re.compile(PLAIN)
_WORD: Final = re.compile(WORD)


@lru_cache(maxsize=4096)
def scalar(text: str, inside: bool = False) -> str:
    """`text` as it is written in YAML: plain where every YAML reader takes it for the same text, else in
    double quotes. inside: it stands inside braces or brackets."""
    form = _WORD if inside else _PLAIN
    plain = form.fullmatch(text) and isinstance(core_value(text), str)
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """`text` in double quotes, as it may stand anywhere."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in NAMED:
        return f"\\{NAMED[character]}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
