"""File names from the names in a pipeline: portable, safe, and unique."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

LONGEST: Final = 60 if sys.platform == "win32" else 120
"""Bytes of a name at most, before its ending. File systems take 255 with the ending; a path on Windows has at
most 260 characters, of which the folder of a project often takes half."""

FORBIDDEN: Final = set('<>:"/\\|?*')
UNPRINTABLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
PLAIN: Final = re.compile(r"[A-Za-z0-9_]+([-.][A-Za-z0-9_]+)*")
RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def file_name(text: str) -> str:
    """A file name close to `text` that every common system takes; never empty, hidden or a path."""
    name = text if PLAIN.fullmatch(text) and len(text) <= LONGEST else _portable(text)
    if RESERVED.fullmatch(name):
        return f"_{name}"
    return name or "untitled"


def _portable(text: str) -> str:
    kept = "".join(_kept(c) for c in unicodedata.normalize("NFC", text))
    kept = unicodedata.normalize("NFC", kept)
    return _shortened(re.sub(r"-{2,}", "-", kept).strip("-. "))


def _kept(character: str) -> str:
    if unicodedata.category(character) in UNPRINTABLE:
        return "-" if character in "\n\r\t" else ""
    return "-" if character in FORBIDDEN or character.isspace() else character


def _shortened(name: str) -> str:
    return name.encode("utf-8")[:LONGEST].decode("utf-8", "ignore").rstrip("-. ")


class Names:
    """Gives out unique names; upper and lower case count as the same, since many disks do not distinguish
    them.

    reserved: names that only their owners get, however late they ask.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken: dict[str, str] = {}
        self._reserved = {name.casefold() for name in reserved}

    def reserve(self, names: Iterable[str]) -> None:
        """Reserve more names for their owners."""
        self._reserved.update(name.casefold() for name in names)

    @property
    def bases(self) -> tuple[str, ...]:
        """The reserved names, in lower case."""
        return tuple(self._reserved)

    def is_reserved(self, name: str) -> bool:
        """Whether only its owner gets `name`."""
        return name.casefold() in self._reserved

    def claim(
        self,
        base: str,
        ending: str = "",
        owner: str = "",
        own: bool = True,
        is_free: Callable[[str], bool] = lambda _: True,
    ) -> str:
        """`base` + `ending`, with a number between them if another owner has that name. The same owner gets
        the same name again. own: `base` may be a reserved name. is_free: asked last, for a name that nobody
        has yet."""
        number = 1
        while True:
            stem = base if number == 1 else f"{base}-{number}"
            free = (own and number == 1) or stem.casefold() not in self._reserved
            folded = f"{stem}{ending}".casefold()
            if free and folded in self._taken and owner and self._taken[folded] == owner:
                return f"{stem}{ending}"
            if free and folded not in self._taken and is_free(f"{stem}{ending}"):
                self._taken[folded] = owner
                return f"{stem}{ending}"
            number += 1
