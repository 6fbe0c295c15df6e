"""The names of transitions, as editing programs use them; `transitions` draws them. Loads nothing."""

from __future__ import annotations

from typing import Final

DISSOLVE: Final = "dissolve"
SIDES: Final = ("left", "right", "up", "down")
NAMES: Final = (
    DISSOLVE,
    "dip_to_black",
    "dip_to_white",
    *(f"{kind}_{side}" for kind in ("wipe", "slide", "push") for side in SIDES),
    "barn_door",
    "iris",
    "clock",
    "zoom",
    "blur",
)
