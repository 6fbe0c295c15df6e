"""From the text in a file to a `Provenance`. The text may be forged: everything is limited and checked,
nothing is evaluated, and nothing is looked up."""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar, cast, get_args

from callsheet.runtime.output.provenance.record import (
    FORMAT,
    FromFile,
    FromInstance,
    Making,
    Path,
    Provenance,
)
from callsheet.runtime.output.provenance.writing import LARGEST_PART
from callsheet.spec.types import MediaKind
from callsheet.spec.values import SecretName

START: Final = re.compile(r'\s*\{\s*"callsheet"\s*:')
USES: Final = re.compile(r"(?!recipe/)[A-Za-z0-9][\w.-]*(/[\w.-]+)+(@[\w-]+)?", re.ASCII)
"""An endpoint, an operation or a node of a plug-in. Never a recipe."""

CODE: Final = re.compile(r"\./(?P<file>[^#\0\n]+\.py)#[A-Za-z_]\w*")
"""A function in a file of the project; it runs only if the user allows it."""

SHA256: Final = re.compile(r"[0-9a-f]{64}")
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
STEP: Final = re.compile(r"[\w .-]{1,100}")
MOST_INSTANCES: Final = 20_000
MOST_STEPS: Final = 20
MOST_TAKES: Final = 1_000
DEEPEST: Final = 50
T = TypeVar("T")


class Unreadable(ValueError):
    """A note of callsheet that does not have the form that callsheet writes; the message is for users."""


def read(texts: Iterable[str]) -> Provenance | None:
    """The first of `texts` that is a note of ours; None when there is none. Raises Unreadable."""
    ours = next((text for text in texts if START.match(text)), None)
    return None if ours is None else _provenance(_json(ours))


def _provenance(found: object) -> Provenance:
    head = _is(found, dict, "the note")
    version = head.get("callsheet")
    if isinstance(version, int) and version > FORMAT:
        raise Unreadable("it was written by a newer callsheet")
    if version != FORMAT:
        raise Unreadable("its format is not known")
    chain = _is(_unpacked(head.get("before", {})), dict, "before")
    if len(chain) > MOST_INSTANCES:
        raise Unreadable("it has too many instances")
    return Provenance(
        version=_is(head.get("version"), str, "version"),
        pipeline=_is(head.get("pipeline"), str, "pipeline"),
        preview=head.get("preview") is True,
        address=_is(head.get("address"), str, "address"),
        path=_path(head.get("output")),
        kind=_kind(head.get("kind")),
        sha256=_sha256(head.get("sha256")),
        making=_making(head),
        usd=_usd(head.get("usd")),
        before={a.removeprefix("$"): _making(_is(m, dict, "before")) for a, m in chain.items()},
        cut=head.get("cut") is True,
        hidden=head.get("hidden") is True,
    )


def _making(found: Mapping[str, object]) -> Making:
    uses = _is(found.get("uses"), str, "uses")
    code = CODE.fullmatch(uses)
    if not USES.fullmatch(uses) and not (code and _stays_inside(code["file"])):
        raise Unreadable("it names nothing that callsheet runs")
    given = _unpacked(found.get("with"))
    parameters = None if given is None else _is(_tree(given, DEEPEST), dict, "with")
    seed, take = found.get("seed"), found.get("take", 1)
    if type(take) is not int or not 1 <= take <= MOST_TAKES:
        raise Unreadable("it is a take that cannot be")
    return Making(uses, parameters, seed if type(seed) is int else None, take)


def _tree(value: object, depth: int) -> object:
    if depth == 0:
        raise Unreadable("its parameters are nested too deeply")
    match value:
        case dict():
            if any(_is_mark(name) for name in value):
                return _leaf(value)
            return {name.removeprefix("$"): _tree(part, depth - 1) for name, part in value.items()}
        case list():
            return [_tree(part, depth - 1) for part in value]
    return value


def _is_mark(name: str) -> bool:
    return name.startswith("$") and not name.startswith("$$")


def _leaf(value: Mapping[str, object]) -> FromInstance | FromFile | SecretName:
    match value:
        case {"$from": str(address), "$output": path}:
            kind, sha256 = _kind(value.get("$kind")), _sha256(value.get("$sha256"))
            return FromInstance(kind, address, _path(path), sha256)
        case {"$file": str(name)} if _stays_inside(name):
            return FromFile(_kind(value.get("$kind")), name, _sha256(value.get("$sha256")))
        case {"$secret": str(variable)} if VARIABLE.fullmatch(variable):
            return SecretName(variable)
    raise Unreadable("it has a reference of an unknown form")


def _stays_inside(name: str) -> bool:
    """Whether a file name is a path inside of the project."""
    foreign = "\\:" if os.name == "nt" else "\0"
    return not any(p in ("", ".", "..") or any(c in p for c in foreign) for p in name.split("/"))


def _path(value: object) -> Path:
    steps = _is(value, list, "output")
    if not 1 <= len(steps) <= MOST_STEPS or not all(map(_is_step, steps)):
        raise Unreadable("it names an output in an unknown form")
    return tuple(steps)


def _is_step(step: object) -> bool:
    if isinstance(step, str):
        return STEP.fullmatch(step) is not None
    return type(step) is int and 0 <= step < 1_000_000


def _kind(value: object) -> MediaKind:
    if value not in get_args(MediaKind):
        raise Unreadable("it names a kind of media that is not known")
    return cast(MediaKind, value)


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not SHA256.fullmatch(value):
        raise Unreadable("a digest in it is none")
    return value


def _usd(value: object) -> float | None:
    is_price = type(value) in (int, float) and 0 <= cast(float, value) < 1e6
    return float(cast(float, value)) if is_price else None


def _is(value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        raise Unreadable(f"its part `{name}` is missing or of the wrong kind")
    return value


def _json(text: str | bytes) -> object:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is damaged") from error


def _no_number(_: str) -> object:
    raise ValueError("JSON has no such number")


def _unpacked(value: object) -> object:
    """The JSON of a packed part, up to LARGEST_PART bytes of it; anything else as it is."""
    if not isinstance(value, str):
        return value
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(base64.b64decode(value, validate=True), LARGEST_PART)
    except (ValueError, zlib.error) as error:
        raise Unreadable("it is damaged") from error
    if not unpacking.eof:
        raise Unreadable("a part of it is longer than callsheet writes it")
    return _json(raw)
