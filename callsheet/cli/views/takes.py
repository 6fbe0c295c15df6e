"""A take as one line."""

from __future__ import annotations

from callsheet.runtime.takes import TakeState


def take_line(take: TakeState) -> str:
    """`clip["dawn"]#2  seed 7  picked`."""
    words = [f"{take.address}#{take.number}"]
    words += [] if take.seed is None else [f"seed {take.seed}"]
    words += ["picked"] if take.picked else []
    words += [] if take.made else ["not made yet"]
    return "  ".join(words)
