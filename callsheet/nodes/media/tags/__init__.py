"""Reads and writes a text inside of a media file, as a comment of its container; nothing else changes.

file with text   write(source, target, text)
text in a file   texts(path)
"""

from __future__ import annotations

from callsheet.nodes.media.tags.splice import LONGEST
from callsheet.nodes.media.tags.tags import texts, write

__all__ = ["LONGEST", "texts", "write"]
