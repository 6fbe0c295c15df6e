"""Parameters that are secrets: a marker in the journaled body, the value only in what is sent.

A marker is an object with one field, `{"$secret": "NAME"}`. No other value may look like one, or what a
model wrote could have a variable of the environment sent away; building a body refuses it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Final

from callsheet.errors import NodeError

FIELD: Final = "$secret"


def marker(variable: str) -> dict[str, str]:
    """What stands in a body for the secret in `variable`."""
    return {FIELD: variable}


def revealed(body: str, environ: Mapping[str, str] = os.environ) -> str:
    """`body` with each secret in place. Raises NodeError naming the variable that is not set."""
    if FIELD not in body:
        return body
    return json.dumps(_replaced(json.loads(body), lambda variable: _read(variable, environ)))


def values_in(body: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The live values that a body's markers stand for, to be kept out of every text."""
    found: list[str] = []
    if FIELD in body:
        _replaced(json.loads(body), lambda variable: found.append(environ.get(variable, "")))
    return tuple(found)


def _replaced(value: object, read: Callable[[str], object]) -> object:
    if isinstance(value, list):
        return [_replaced(v, read) for v in value]
    if not isinstance(value, dict):
        return value
    if isinstance(variable := value.get(FIELD), str) and len(value) == 1:
        return read(variable)
    return {name: _replaced(v, read) for name, v in value.items()}


def _read(variable: str, environ: Mapping[str, str]) -> str:
    if value := environ.get(variable):
        return value
    raise NodeError(
        f"{variable} is not set, and a parameter needs it as its secret; nothing was sent",
        "rejected",
        f"set {variable}, or use --preview",
    )
