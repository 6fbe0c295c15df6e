"""Secret parameters: the recorded body has a marker, and only the sent body has the value.

A marker is an object with one field, `{"$secret": "NAME"}`. Building a body refuses any other value that
looks like one, since text from a model could then send an environment variable away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Final

from callsheet.errors import NodeError

FIELD: Final = "$secret"


def marker(variable: str) -> dict[str, str]:
    """The marker for the secret in `variable`."""
    return {FIELD: variable}


def revealed(body: str, environ: Mapping[str, str] = os.environ) -> str:
    """Replace each marker in `body` by its value. Raises NodeError with the name of a variable that is not
    set."""
    if FIELD not in body:
        return body
    return json.dumps(_replaced(json.loads(body), lambda variable: _read(variable, environ)))


def values_in(body: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The values of the secrets in a body, which must be hidden in every text."""
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
