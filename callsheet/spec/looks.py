"""Where a preview tells its story, and how it speaks, by the names that options have for it."""

from __future__ import annotations

from typing import Literal

Slate = Literal["band", "over", "off"]
"""In a band below the picture, over its lowest part, or nowhere."""
Voice = Literal["tone", "espeak"]
"""With a tone, or by the program espeak-ng."""
