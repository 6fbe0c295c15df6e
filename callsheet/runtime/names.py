"""File names from the film's own words: portable, harmless, and no two alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 120
"""Bytes of a name before its ending; 255 is what file systems take."""

FORBIDDEN: Final = set('<>:"/\\|?*')
UNPRINTABLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def file_name(text: str) -> str:
    """A file name close to `text` that every common system takes; never empty, hidden or a path."""
    kept = "".join(_kept(c) for c in unicodedata.normalize("NFC", text))
    name = _shortened(re.sub(r"-{2,}", "-", kept).strip("-. "))
    if RESERVED.fullmatch(name):
        return f"_{name}"
    return name or "untitled"


def _kept(character: str) -> str:
    if unicodedata.category(character) in UNPRINTABLE:
        return "-" if character in "\n\r\t" else ""
    return "-" if character in FORBIDDEN or character.isspace() else character


def _shortened(name: str) -> str:
    return name.encode("utf-8")[:LONGEST].decode("utf-8", "ignore").rstrip("-. ")


class Names:
    """Hands out names, each once; case is no difference, since it is none on many disks."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def claim(self, base: str, ending: str = "", owner: str = "") -> str:
        """`base` + `ending`, with a number between them if someone else has that name.

        The same owner gets the same name again.
        """
        number = 1
        while True:
            name = f"{base}{'' if number == 1 else f'-{number}'}{ending}"
            folded = name.casefold()
            if folded not in self._taken or (owner and self._taken[folded] == owner):
                self._taken[folded] = owner
                return name
            number += 1
