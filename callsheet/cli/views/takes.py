"""A take as one line."""

from __future__ import annotations

from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.runtime.takes import TakeState

DIGITS: Final = 12


def take_line(take: TakeState) -> str:
    """`clip["dawn"]#2  seed 7  picked`."""
    words = [f"{take.address}#{take.number}"]
    words += [] if take.seed is None else [f"seed {take.seed}"]
    words += ["picked"] if take.picked else []
    if take.digest:
        words.append(f"another result of the same request ({take.digest[:DIGITS]}…)")
    elif take.rejected:
        words.append(printable(take.rejected))
    elif not take.made:
        words.append("not made yet")
    return "  ".join(words)
