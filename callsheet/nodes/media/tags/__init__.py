"""Reads and writes a text inside of a media file, as a comment of its container; nothing else changes.

file with text   write(source, target, text)
text in a file   texts(path)
file before      before(path, sha256)
"""

from __future__ import annotations

from callsheet.nodes.media.tags.splice import LONGEST, Pieces
from callsheet.nodes.media.tags.tags import before, content, texts, whole, write

__all__ = ["LONGEST", "Pieces", "before", "content", "texts", "whole", "write"]
