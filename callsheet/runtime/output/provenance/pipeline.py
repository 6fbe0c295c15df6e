"""Writes the pipeline that makes a file again: each instance is a node, with literal values.

Only what a key covers is written: the same calls have the same keys, so results that were paid for are found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.expression.allowlist import RESERVED
from callsheet.dsl.yaml.writer import quoted, scalar
from callsheet.errors import InputError
from callsheet.runtime.output.provenance.record import (
    FromFile,
    FromInstance,
    Making,
    Path,
    Provenance,
    sources,
)
from callsheet.spec.values import SecretName

IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
MARK: Final = re.compile(r"\$\{(?=[{%#])")
LONGEST_ID: Final = 60


@dataclass(frozen=True, slots=True)
class Written:
    """A pipeline as text. picks: node → the take that counts, where it is not the first. anew: instances that
    are made again, since their take exists only in the pipeline that they come from."""

    text: str
    picks: Mapping[str, int]
    anew: tuple[str, ...]


def pipeline(provenance: Provenance, files: Mapping[FromFile, str], code: Mapping[str, str]) -> Written:
    """The pipeline for a provenance.

    files: the path of each of the user's files, as the new pipeline has it. code: the same for each `uses`
    that names a file. Raises InputError when the note is not complete, or holds what YAML cannot express.
    """
    if provenance.cut or provenance.making.parameters is None:
        raise InputError(
            f"the note in the file has only {provenance.address} itself: the instances before it did not fit",
            "open one of the clips instead, or take the pipeline that made it",
        )
    makings = {**provenance.before, provenance.address: provenance.making}
    lacking = next((a for making in makings.values() for a in sources(making) if a not in makings), None)
    if lacking is not None:
        raise InputError(f"the note in the file does not say how {lacking} was made")
    ordered = {address: makings[address] for address in _in_order(makings, provenance.address)}
    ids = _ids(ordered)
    lines = _Writer(ids, files, code).lines(provenance, ordered)
    takes = {address: making for address, making in ordered.items() if making.take > 1}
    picks = {ids[address]: making.take for address, making in takes.items() if _is_counted(making)}
    anew = tuple(address for address, making in takes.items() if not _is_counted(making))
    return Written("\n".join(lines) + "\n", picks, anew)


class _Writer:
    def __init__(
        self, ids: Mapping[str, str], files: Mapping[FromFile, str], code: Mapping[str, str]
    ) -> None:
        self._ids = ids
        self._files = files
        self._code = code

    def lines(self, provenance: Provenance, makings: Mapping[str, Making]) -> Iterator[str]:
        own = self._ids[provenance.address]
        yield "callsheet: 1"
        yield f"name: {scalar(f'{provenance.pipeline}-{own}'.replace('_', '-'))}"
        yield f"description: {scalar(_description(provenance))}"
        yield "nodes:"
        for address, making in makings.items():
            yield from self._node(self._ids[address], making)
        yield "outputs:"
        yield f"  {own}: {self._reference(provenance.address, provenance.path)}"

    def _node(self, name: str, making: Making) -> Iterator[str]:
        if making.parameters is None:
            raise InputError("the note in the file leaves out parameters", "take the pipeline that made it")
        yield f"  {name}:"
        yield f"    uses: {scalar(self._code.get(making.uses, making.uses))}"
        if _is_counted(making):
            yield f"    takes: {making.take}"
        if making.parameters:
            yield "    with:"
        for parameter, value in making.parameters.items():
            yield from self._parameter(scalar(parameter), value)

    def _parameter(self, name: str, value: object) -> Iterator[str]:
        if isinstance(value, list) and value and not any(isinstance(part, dict | list) for part in value):
            yield f"      {name}:"
            for part in value:
                yield f"        - {self._plain(part)}"
        else:
            yield f"      {name}: {self._plain(value)}"

    def _plain(self, value: object) -> str:
        """A value on a line of its own."""
        match value:
            case FromInstance(_, address, path):
                return self._reference(address, path)
            case str():
                return scalar(_literal(value))
        return self._flow(value)

    def _flow(self, value: object) -> str:
        match value:
            case FromInstance(_, address, path):
                return quoted(self._reference(address, path))
            case FromFile():
                return quoted(self._files[value])
            case SecretName(variable):
                return f"{{secret: {variable}}}"
            case dict():
                if [*value] == ["secret"]:
                    raise InputError("a parameter is an object that a pipeline would take for a secret")
                return "{" + ", ".join(f"{quoted(n)}: {self._flow(v)}" for n, v in value.items()) + "}"
            case list():
                return "[" + ", ".join(map(self._flow, value)) + "]"
            case str():
                return quoted(_literal(value))
        return json.dumps(value)

    def _reference(self, address: str, path: Path) -> str:
        return f"${{{{ {self._ids[address]}{''.join(map(_step, path))} }}}}"


def _in_order(makings: Mapping[str, Making], last: str) -> Iterator[str]:
    """`last` and everything before it, in topological order. A circle, which no run can have made, is cut."""
    begun, waiting = set[str](), [(last, False)]
    while waiting:
        address, ready = waiting.pop()
        if ready:
            yield address
        elif address not in begun:
            begun.add(address)
            needs = [(need, False) for need in reversed(sources(makings[address]))]
            waiting += [(address, True), *needs]


def _is_counted(making: Making) -> bool:
    """Whether the number of a take distinguishes it; with a given seed, `takes` would change the seed
    instead."""
    return making.take > 1 and (making.parameters or {}).get("seed") is None


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if IDENTIFIER.fullmatch(step) and step not in RESERVED else f'["{step}"]'


def _literal(text: str) -> str:
    """`text`, escaped so that nothing in it is an expression."""
    return MARK.sub("${{ '${' }}", text)


def _description(provenance: Provenance) -> str:
    stand_in = ", which was a preview" if provenance.preview else ""
    return f"{provenance.address} of {provenance.pipeline}{stand_in}, written back from the file itself."


def _ids(makings: Mapping[str, Making]) -> dict[str, str]:
    """Address → node name: `clip["dawn"]` → `clip_dawn`; unique."""
    names: dict[str, str] = {}
    taken = set[str]()
    for address in makings:
        words = re.sub(r"[^a-z0-9]+", "_", address.lower())[:LONGEST_ID].strip("_")
        base = words if words[:1].isalpha() and words not in RESERVED else f"node_{words}".strip("_")
        number, name = 1, base
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        names[address] = name
        taken.add(name)
    return names
