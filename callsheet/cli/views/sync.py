"""What a sync of the models found, as lines and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.runtime.sync_models import Repriced, Synced
from callsheet.spec.money import exact
from callsheet.spec.plural import plural

SHOWN: Final = 12
"""Names of one kind that get a line each."""


def sync_text(found: Synced, dry: bool) -> str:
    """What is new, each kind with its names, and last the counts."""
    return "\n".join(map(printable, _lines(found, dry)))


def _lines(found: Synced, dry: bool) -> Iterator[str]:
    yield from _named("new", found.new)
    yield from _named("changed", found.changed)
    yield from _named("retired by the provider", found.retired)
    yield from _named("not in the list any more", found.gone)
    yield from _named("in the list again", found.back)
    yield from _named("list price", [_repriced(one) for one in found.repriced])
    yield from _named("not usable", [f"{name}: {said}" for name, said in found.problems.items()])
    documents = len(found.new) + len(found.changed)
    wrote = f"{'would write' if dry else 'wrote'} {plural(documents, 'document')}"
    yield f"{plural(found.listed, 'model')} listed, {found.priced:,} with a list price: {wrote}"
    if found.incomplete:
        yield f"the list may not be whole: {found.incomplete}; nothing counts as gone"


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    yield from (f"{what}: {name}" for name in names[:SHOWN])
    if len(names) > SHOWN:
        yield f"{what}: and {len(names) - SHOWN:,} more; --json has them all"


def _repriced(one: Repriced) -> str:
    before = "none" if one.before is None else exact(one.before)
    now = "none" if one.now is None else exact(one.now)
    return f"{one.endpoint}: {before} → {now} per {one.unit}"
