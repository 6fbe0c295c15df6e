"""How much is written into a file, how far one is searched, and which files are not changed at all."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 60_000
"""Bytes of a text in UTF-8: it fits into one JPEG segment."""

MOST_PARTS: Final = 20_000
"""Chunks, segments, boxes or blocks of one file that are looked at."""

SIGNED: Final = b"c2pa"
"""Marks content credentials: a maker's signature over the whole file, which any change would break."""
