"""What a shared store says of a file, as a person likes to read it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.cli.views.provenance import parameter_rows, table
from callsheet.cli.views.wording import printable
from callsheet.runtime.remote_store.find_file import StoredFile
from callsheet.spec.money import money

DIGITS = 12
"""Of a digest."""


def stored_file_lines(file: str, found: StoredFile) -> Iterator[str]:
    """What made it, and with which parameters."""
    return map(printable, _lines(file, found))


def _lines(file: str, found: StoredFile) -> Iterator[str]:
    made = found.offer.made
    facts = {
        "made by": made.uses,
        "for": ", ".join(filter(None, [found.offer.film, found.offer.day])),
        "output": found.output,
        "price": "" if made.usd is None else money(made.usd),
        "take": f"{found.take} of the same request" if found.take > 1 else "",
        "digest": f"sha256 {found.sha256[:DIGITS]}…",
        "known by": f"the shared store {found.place}; the file has no note",
    }
    yield file
    yield from table({name: text for name, text in facts.items() if text}, "  ")
    if found.parameters:
        yield ""
        yield from table(dict(parameter_rows(found.parameters)), "  ")
