"""What a text of a model's answer looks up in later nodes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookUp:
    """keys: the texts that are found there; none where they are not known. siblings: it names another element
    of the list that it is in."""

    keys: tuple[str, ...] = ()
    siblings: bool = False
