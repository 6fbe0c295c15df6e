"""Turns names of sizes (`landscape_16_9`, `720p`, `16:9`) into width × height in pixels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

Size = tuple[int, int]

NAMED: Final[Mapping[str, Size]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
    "portrait_3_2": (832, 1216),
    "landscape_3_2": (1216, 832),
    "landscape": (1280, 720),
    "portrait": (720, 1280),
}
LINES: Final[Mapping[str, int]] = {"hd": 720, "fhd": 1080, "uhd": 2160, "2k": 1440, "4k": 2160}
SQUARE_PIXELS: Final[Mapping[str, int]] = {"0.5k": 512, "1k": 1024, "2k": 2048, "4k": 4096}
WIDE: Final = 16 / 9
MIN_SIDE, MAX_SIDE = 16, 8192

USUAL: Final = ("21:9", "2:1", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "1:2", "9:21")
CLOSE: Final = 0.03
"""Models round sizes to multiples of 8 to 64 pixels; 1344 × 768 is meant as 16:9."""

EXPLICIT = re.compile(r"\s*(\d{2,5})\s*[x×*]\s*(\d{2,5})\s*\Z")
RATIO = re.compile(r"\s*(\d{1,5}(?:\.\d{1,5})?)\s*[:/x]\s*(\d{1,5}(?:\.\d{1,5})?)\s*\Z")
SHORT_SIDE = re.compile(r"(\d{3,4})[pP]?\Z")


def explicit(value: object) -> Size | None:
    """The size that a value states by itself: `landscape_16_9`, `1280x720`, {width, height}."""
    if isinstance(value, Mapping):
        width, height = value.get("width"), value.get("height")
        return (width, height) if isinstance(width, int) and isinstance(height, int) else None
    if not isinstance(value, str):
        return None
    if match := EXPLICIT.match(value):
        return int(match[1]), int(match[2])
    return NAMED.get(value)


def ratio(value: object) -> float | None:
    """`16:9` → 1.78; None for `auto` and other texts."""
    match = RATIO.match(value) if isinstance(value, str) else None
    if match is None or not float(match[1]) or not float(match[2]):
        return None
    return float(match[1]) / float(match[2])


def nearest_ratio(wanted: float, offered: Iterable[object]) -> float:
    """The offered ratio closest to `wanted`; `wanted` itself when none is offered."""
    ratios = [r for value in offered if (r := ratio(value)) is not None]
    return min(ratios, key=lambda r: abs(math.log(r / wanted)), default=wanted)


def aspect_name(width: int, height: int) -> str:
    """`16:9` for 1920 × 1080 and similar sizes; else the ratio in lowest terms."""
    wanted = width / height
    name = min(USUAL, key=lambda n: abs(math.log((ratio(n) or 1.0) / wanted)))
    if abs(math.log((ratio(name) or 1.0) / wanted)) <= CLOSE:
        return name
    common = math.gcd(width, height)
    return f"{width // common}:{height // common}"


def short_side(value: object) -> int | None:
    """`720p`, `768P`, `4k`, 1080 → the pixels of the shorter side."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip().lower()
    match = SHORT_SIDE.match(text)
    return int(match[1]) if match else LINES.get(text)


def by_short_side(side: int, aspect: float) -> tuple[float, float]:
    """`720`, 16/9 → 1280 × 720; `720`, 9/16 → 720 × 1280."""
    return (side * aspect, side) if aspect >= 1 else (side, side / aspect)


def by_area(side: int, aspect: float) -> Size:
    """A picture of about `side`² pixels, in steps of 8."""
    width, height = side * math.sqrt(aspect), side / math.sqrt(aspect)
    return round(width / 8) * 8, round(height / 8) * 8


def bounded(size: tuple[float, float], even: bool) -> Size:
    """Whole pixels within 16…8192; even ones for video (yuv420p has half the colour samples)."""
    step = 2 if even else 1
    width, height = (round(min(max(side, MIN_SIDE), MAX_SIDE) / step) * step for side in size)
    return width, height
