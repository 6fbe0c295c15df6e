"""What left a lock file, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callsheet.runtime.lock.disputes import told
from callsheet.runtime.lock.model import Decision, Made
from callsheet.runtime.lock.update import Dropped
from callsheet.spec.money import money


def notes_on(dropped: Iterable[Dropped]) -> Iterator[str]:
    """What was dropped, and what it had cost."""
    for one in dropped:
        why = "the pipeline does not have it any more" if one.gone else "the pipeline asks for another"
        yield f"dropped from the lock: {_what(one.what, one.address)}; {why}"


def _what(what: Made | Decision, address: str) -> str:
    if isinstance(what, Decision):
        who = f" by {what.by}" if what.by else ""
        return f"the decision about {address}: {told(what)}{who}"
    cost = "of unknown price" if what.usd is None else f"which had cost {money(what.usd)}"
    return f"a result of {address}, {cost} (key {what.key[:12]}…)"
