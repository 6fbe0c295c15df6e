"""Guesses how long words of a screenplay last on the screen."""

from __future__ import annotations

import math
import re
from typing import Final

SPOKEN: Final = 2.5
"""Words that are said in a second: 150 in a minute."""
SHOWN: Final = 3.5
"""Words of action in a second: about 200 on a page, and a page is a minute."""
DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
"""Characters of scripts that have no spaces between words, or long ones; two count as a word."""
LEAST: Final = 2.0
STEP: Final = 0.5


def guessed_seconds(spoken: str, action: str) -> str:
    """Seconds as text: `6.5`. At least 2, in steps of half a second, rounded up."""
    seconds = _words(spoken) / SPOKEN + _words(action) / SHOWN
    return f"{max(LEAST, math.ceil(seconds / STEP) * STEP):g}"


def _words(text: str) -> float:
    dense = len(DENSE.findall(text))
    return len(DENSE.sub(" ", text).split()) + dense / 2
