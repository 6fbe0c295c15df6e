"""How the answers of clients look: what each would change, and what cannot be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from callsheet.cli.views.wording import printable

if TYPE_CHECKING:
    from callsheet.review.proposals import Proposal, State

MARKS: Final[Mapping[State, str]] = {
    "new": "+",
    "known": "=",
    "late": "~",
    "gone": "-",
    "contradicts": "!",
    "refused": "-",
}


def answers_text(found: Sequence[Proposal]) -> Iterator[str]:
    """A line for each answer, by person: `+` is a change, `=` is so already, `~` is about an earlier result,
    `-` cannot be done, `!` contradicts what somebody else says."""
    if not found:
        yield "there are no answers"
    for by in dict.fromkeys(one.answer.by for one in found):
        yield printable(f"{by}:")
        for one in found:
            if one.answer.by == by:
                why = f" ({one.why})" if one.why else ""
                yield printable(f"  {MARKS[one.state]} {one.what}{why}")
