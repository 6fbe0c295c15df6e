"""Speaks the lines of a preview with eSpeak NG, a program that a person installs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, NodeError
from callsheet.nodes.preview.language import languages
from callsheet.nodes.preview.random import Dice

PROGRAM: Final = "espeak-ng"
SLOWEST, FASTEST = 130, 330
"""Words a minute."""
PAUSES: Final = 1.15
"""How much faster the words are spoken, so that the pauses between them find their time."""
LONGEST_TEXT: Final = 100_000
TIMEOUT: Final = 120
VARIANTS: Final = ("m1", "m3", "m7", "f1", "f2", "f4")


@cache
def version() -> str:
    """`espeak-ng 1.51`. Raises InputError where the program is not installed."""
    found = shutil.which(PROGRAM)
    if found is None:
        raise InputError(
            f"--voice espeak needs the program {PROGRAM}, which is not here",
            f"install it (Debian: apt install {PROGRAM}), or leave the option out for a tone",
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    number = re.search(r"\d+(?:\.\d+)+", said.stdout)
    return f"{PROGRAM} {number[0] if number else 'unknown'}"


def spoken(text: str, seconds: float, params: Mapping[str, object], target: Path) -> Path:
    """A WAV file at `target` in which `text` is spoken in about so many seconds. params: of the request: the
    voice that it names decides which voice is heard, and the language that it names is spoken, else that of
    the text. Raises NodeError (*local*)."""
    pace = max(SLOWEST, min(FASTEST, round(len(text.split()) / max(0.5, seconds) * 60 * PAUSES)))
    dice = Dice("voice", *sorted(str(v) for k, v in params.items() if "voice" in k or "speaker" in k))
    variant, pitch = dice.pick(VARIANTS), dice.whole(35, 65)
    for language in languages(params, text):
        manner = ["-v", f"{language}+{variant}", "-s", str(pace), "-p", str(pitch)]
        made = subprocess.run(
            [PROGRAM, *manner, "--stdin", "-w", str(target)],
            input=text[:LONGEST_TEXT].encode("utf-8", "replace"),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        if made.returncode == 0 and target.is_file():
            return target
    raise NodeError(f"{PROGRAM} did not speak this text", "local", "leave out --voice espeak")
