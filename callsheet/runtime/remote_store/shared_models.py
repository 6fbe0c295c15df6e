"""Descriptions of models in the shared store of a team: `models/ab/cdef….json`, under the digest of a model's
inputs and outputs, which lock files name.

They let a film be put together from its lock file when a model has changed, or is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from callsheet.errors import InputError
from callsheet.nodes.catalogue.build import build
from callsheet.runtime.lock import schema_digest
from callsheet.runtime.remote_store.backend import Missing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.remote_store.store import capped
from callsheet.spec.node import NodeSpec

MOST: Final = 8 * 1024 * 1024
"""Bytes of a description at most."""
WRONG: Final = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
Record = Mapping[str, Any]


def spec_in(record: Record) -> NodeSpec | None:
    """The model that a record describes; None where it describes none."""
    try:
        return build(record)
    except WRONG:
        return None


def give_models(records: Iterable[Record], location: str) -> str:
    """Put descriptions into the shared store at `location`. Returns what is to be told when that fails, ""
    otherwise."""
    try:
        backend = backend_at(location)
        for record in records:
            if (spec := spec_in(record)) is not None:
                backend.write(_name(schema_digest(spec)), _written(record), first=True)
    except (Unreachable, InputError) as error:
        return f"descriptions of models were not put into the shared store: {error}"
    return ""


def take_model(uses: str, digest: str, location: str) -> Record | None:
    """The description of the endpoint `uses` whose inputs and outputs have this digest; None where the shared
    store does not give it."""
    try:
        record = json.loads(b"".join(capped(backend_at(location).read(_name(digest)), MOST)))
    except (Missing, Unreachable, Refused, InputError, ValueError, RecursionError):
        return None
    spec = spec_in({**record, "endpoint": uses}) if isinstance(record, dict) else None
    return {**record, "endpoint": uses} if spec and schema_digest(spec) == digest else None


def _written(record: Record) -> bytes:
    """The record as JSON. The order of its keys belongs to it."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")


def _name(digest: str) -> str:
    return f"models/{digest[:2]}/{digest[2:]}.json"
