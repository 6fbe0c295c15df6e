"""Camera lines of a screenplay: `CLOSE ON THE LAMP`, `WIDE SHOT`, `INSERT - A LETTER`."""

from __future__ import annotations

import re
from typing import Final

SIZES: Final = {
    r"(?:EXTREME|VERY) CLOSE[- ]?(?:UP|ON|SHOT)?|ECU|XCU": "ECU",
    r"MEDIUM CLOSE[- ]?(?:UP|ON|SHOT)?|MCU": "MCU",
    r"CLOSE[- ]?(?:UP|ON|SHOT|ANGLE)|CLOSE(?=\s*(?:[-:–—]|$))|CU|TIGHT ON": "CU",
    r"(?:EXTREME|VERY) (?:WIDE|LONG)(?: ON| SHOT| ANGLE)?|EWS|ELS": "EWS",
    r"(?:WIDE|LONG|FULL|MASTER)(?: ON| SHOT| ANGLE)|WIDE(?=\s*(?:[-:–—]|$))|WS|LS": "WS",
    r"MEDIUM(?: ON| SHOT)|MS": "MS",
    r"(?:TWO|2)[- ]SHOT": "2S",
    r"OVER[- ]THE[- ]SHOULDER|OTS": "OTS",
    r"INSERT": "INSERT",
    r"(?:[A-Z.'’ ]{1,40}['’]S? )?POV": "POV",
    r"ANGLE ON|NEW ANGLE|ANOTHER ANGLE|REVERSE(?: ON| ANGLE| SHOT)|LOW ANGLE|HIGH ANGLE|BACK TO|"
    r"(?:AERIAL|TRACKING|DOLLY|CRANE|ESTABLISHING|MOVING|HANDHELD)(?: SHOT| ON)|(?:PAN|TILT|PUSH|PULL) "
    r"(?:TO|IN|BACK|UP|DOWN|ACROSS|OUT)": "",
}
"""How a camera line begins → the size of the shot; "" where the words tell none."""
BEGINS: Final = [(re.compile(rf"(?:{words})(?![\w])"), size) for words, size in SIZES.items()]


def camera_size(line: str) -> str | None:
    """The size that a camera line tells, "" for none; None for a line that is no camera line. Those are
    written in capitals."""
    if line != line.upper():
        return None
    return next((size for begins, size in BEGINS if begins.match(line)), None)
