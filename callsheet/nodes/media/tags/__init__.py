"""A text inside a media file, without touching what the file shows: comments, as every container has its own.

file with text   write(source, target, text)
text in a file   texts(path)
"""

from __future__ import annotations

from callsheet.nodes.media.tags.splice import LONGEST
from callsheet.nodes.media.tags.tags import texts, write

__all__ = ["LONGEST", "texts", "write"]
