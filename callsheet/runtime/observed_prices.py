"""What calls of this project cost before: a price for calls that are equal in all that a price may look at.

Three bills of equal calls make an observed price, from the least to the highest of them; a budget reserves
the highest. Two calls are equal where all parameters are, except seeds, prompts and the pictures themselves.
Videos and sounds are compared, and so is every text where no picture or video comes out, or where characters
or tokens are paid for: their length may be what the price looks at. What the model chooses equals nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final

from callsheet.runtime.ledger import MICROS, Billed
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.call import is_open
from callsheet.spec.price.quote import Quote
from callsheet.spec.roles import kind_in
from callsheet.spec.types import NOTHING
from callsheet.spec.values import LocalFile, first_step, leaves

LEAST: Final = 3
"""Bills of equal calls that make a price."""
NEWEST: Final = 2_000
"""Bills that are looked at."""
SEEDS: Final = ("seed",)
PROMPTS: Final = ("prompt",)
"""Parts of the names of parameters that no price looks at."""


class ObservedPrices:
    """The bills of a project. Nothing is read before the first price is asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._grouped: dict[str, tuple[NodeSpec, Mapping[str, list[Billed]]]] = {}

    def price(self, spec: NodeSpec, values: Mapping[str, object]) -> Quote | None:
        """The price of a call with these parameters; None where too few equal calls were billed, or what
        they are equal in is not known yet."""
        if spec.uses not in self._bills:
            return None
        wanted = _alike(spec, values)
        found = [] if wanted is None else self._equal(spec).get(wanted, [])
        if len(found) < LEAST:
            return None
        usd = [bill.actual / MICROS for bill in found]
        day = date.fromtimestamp(max(bill.at for bill in found)).isoformat()
        why = (f"{len(found)} equal calls were not billed alike",) if min(usd) < max(usd) else ()
        return Quote(min(usd), max(usd), why, "observed", day)

    def _equal(self, spec: NodeSpec) -> Mapping[str, list[Billed]]:
        """What was asked → the bills of such calls. Each bill is read once, however many calls are priced."""
        known = self._grouped.get(spec.uses)
        if known is not None and known[0] is spec:
            return known[1]
        found: dict[str, list[Billed]] = {}
        for bill in self._bills[spec.uses]:
            asked = _asked(spec, bill)
            if asked is not None:
                found.setdefault(asked, []).append(bill)
        self._grouped[spec.uses] = spec, found
        return found

    @cached_property
    def _bills(self) -> Mapping[str, list[Billed]]:
        ledger = self._workspace.ledger_reader()
        found: dict[str, list[Billed]] = {}
        for bill in ledger.billed(NEWEST) if ledger else ():
            found.setdefault(bill.endpoint, []).append(bill)
        return {name: bills for name, bills in found.items() if len(bills) >= LEAST}


def _asked(spec: NodeSpec, bill: Billed) -> str | None:
    """What a billed call asked for, in a form that can be compared."""
    body = json.loads(bill.body)
    media: dict[str, list[str]] = {}
    for place, digest in sorted(bill.inputs.items()):
        media.setdefault(first_step(place), []).append(digest)
    return _alike(spec, {**body, **media})


def _alike(spec: NodeSpec, values: Mapping[str, object]) -> str | None:
    """The parameters that a price may look at; None where one of them is not known yet."""
    defaults = {name: field.default for name, field in spec.inputs.items() if field.default is not NOTHING}
    nothing = SEEDS if _pays_for_text(spec) else (*SEEDS, *PROMPTS)
    told = {
        name: value
        for name, value in {**defaults, **values}.items()
        if value is not None and not any(part in name for part in nothing)
    }
    if any(is_open(value) for value in told.values()):
        return None
    shown = {name: _shown(spec, name, value) for name, value in told.items()}
    return json.dumps(shown, sort_keys=True, default=str)


def _pays_for_text(spec: NodeSpec) -> bool:
    """Whether the length of a text may be what is paid for."""
    unit = spec.price.unit if spec.price else ""
    made = {kind_in(output) for output in spec.outputs.values()}
    return "characters" in unit or "tokens" in unit or made.isdisjoint(("image", "video"))


def _shown(spec: NodeSpec, name: str, value: object) -> object:
    """A value as JSON; of pictures only how many there are."""
    kind = kind_in(spec.inputs[name].type) if name in spec.inputs else None
    if kind is None:
        return value
    identities = list(_identities(value))
    return len(identities) if kind == "image" else sorted(identities)


def _identities(value: object) -> Iterator[str]:
    """The digest of each file in a value; in a body they stand there already."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _identities(item)
    else:
        yield from (artifact.digest for artifact in leaves(value, Artifact))
        yield from (str(file.path) for file in leaves(value, LocalFile))
