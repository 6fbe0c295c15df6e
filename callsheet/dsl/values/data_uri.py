"""Media written out in a pipeline as data URIs, `data:image/png;base64,…`: sent to the model as they are."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

from callsheet.spec.rules import values as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import MediaKind

DATA: Final = "data:"
START: Final = re.compile(r"data:(?P<kind>[a-z]+)/[\w.+-]+(;[\w.=+-]+)*;base64,", re.ASCII | re.IGNORECASE)
MOST: Final = 512 * 1024
"""Bytes of a medium that is written out; what is larger is a file of its own."""


def unusable(uri: str, wanted: Sequence[MediaKind]) -> Problem | None:
    """Why a data URI cannot be sent where these kinds of media are taken; None when it can."""
    start = START.match(uri[:200])
    if start is None:
        return rules.not_a_data_uri()
    kind = start["kind"].lower()
    if "file" not in wanted and kind in ("image", "video", "audio") and kind not in wanted:
        return rules.wrong_data(wanted[0], kind)
    text = uri[start.end() :]
    if len(text) > MOST * 4 // 3 + 4:
        return rules.long_data(MOST)
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return rules.not_base64()
    return None
