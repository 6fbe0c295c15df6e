"""A note in a media file, as a person likes to read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.runtime.output.provenance.record import (
    FromFile,
    FromInstance,
    Making,
    Path,
    Provenance,
    marks,
)
from callsheet.spec.money import money
from callsheet.spec.values import SecretName

WIDEST: Final = 24
LONGEST: Final = 72
"""Characters of a value of what came before; the file's own are shown whole."""

MOST_ROWS: Final = 40
DIGITS: Final = 12
FIRST: Final = ("prompt", "text", "inputs")
"""Parameters by which a person knows an instance."""


def lines(file: str, provenance: Provenance) -> Iterator[str]:
    """The whole note; what it says about the file itself comes first."""
    return map(printable, _lines(file, provenance))


def _lines(file: str, provenance: Provenance) -> Iterator[str]:
    yield file
    yield from table(dict(_facts(provenance)), "  ")
    if provenance.making.parameters is None:
        yield "  its parameters did not fit into the file"
    elif provenance.making.parameters:
        yield ""
        yield from table(dict(parameter_rows(provenance.making.parameters)), "  ")
    if provenance.before:
        yield ""
        yield "made from"
        shown = dict(islice(provenance.before.items(), MOST_ROWS))
        yield from table({address: _short(making) for address, making in shown.items()}, "  ")
        if len(shown) < len(provenance.before):
            yield f"  and {len(provenance.before) - len(shown)} more: see --json"
    if provenance.cut:
        yield "  (not everything that it was made from fits into the file)"


def parameter_rows(parameters: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each with its value; a list of media has a line for each."""
    for name, value in parameters.items():
        if isinstance(value, list) and any(marks(value)):
            yield from ((f"{name}[{i}]", _value(part)) for i, part in enumerate(value[:MOST_ROWS]))
        else:
            yield name, _value(value)


def _facts(provenance: Provenance) -> Iterator[tuple[str, str]]:
    making = provenance.making
    yield "made by", making.uses
    yield "instance", f"{provenance.address}{_written(provenance.path)} of {provenance.pipeline}"
    if provenance.preview:
        yield "preview", "a stand-in drawn offline; no model was called"
    if provenance.usd is not None:
        yield "price", f"{money(provenance.usd)} (list price)"
    if making.seed is not None:
        yield "seed", f"{making.seed}, drawn because none was given"
    if making.take > 1:
        yield "take", f"{making.take} of the same request"
    yield "digest", f"sha256 {provenance.sha256[:DIGITS]}…, without this note"
    if provenance.hidden:
        yield "hidden", "secrets were removed from its parameters"
    yield "version", f"callsheet {provenance.version}"


def table(rows: Mapping[str, str], margin: str) -> Iterator[str]:
    width = max((len(name) for name in rows if len(name) <= WIDEST), default=0)
    return (f"{margin}{name:<{width}}  {value}" for name, value in rows.items())


def _short(making: Making) -> str:
    parameters = making.parameters or {}
    words = next((str(parameters[name]) for name in FIRST if isinstance(parameters.get(name), str)), "")
    words = " ".join(words.split())
    return (
        f"{making.uses}  {words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + '…'}".rstrip()
    )


def _value(value: object) -> str:
    match value:
        case str():
            return value
        case FromInstance(_, address, path, sha256):
            return f"{address}{_written(path)}  (sha256 {sha256[:DIGITS]}…)"
        case FromFile(_, name, sha256):
            return f"{name}  (your file, sha256 {sha256[:DIGITS]}…)"
        case SecretName(variable):
            return f"the secret in {variable}"
    return json.dumps(value, ensure_ascii=False, default=_value)


def _written(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
