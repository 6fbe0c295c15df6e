"""Commands as the person's shell takes them, for messages that say what to type next."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable
from typing import Final

WINDOWS: Final = sys.platform == "win32"
PLAIN: Final = re.compile(r"[\w@+:,./\\-]+", re.ASCII)
"""What neither PowerShell nor cmd.exe reads in another way."""


def command(words: Iterable[object]) -> str:
    """The words of a command as one line: `callsheet pick film.yaml 'clip["dawn"]'`."""
    return " ".join(quoted(str(word)) for word in words)


def quoted(word: str) -> str:
    """One word of a command.

    PowerShell 5 takes double quotes out of what it hands over, however they are written, and cmd.exe does not
    know single ones. So an address is written without the quotes of its keys on Windows: "clip[dawn]".
    """
    if not WINDOWS:
        return shlex.quote(word)
    return word if PLAIN.fullmatch(word) else '"' + word.replace('"', "") + '"'
