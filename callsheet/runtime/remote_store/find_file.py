"""Finds what a shared store says of a media file without a note: which request gave it, for which film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from callsheet.errors import InputError
from callsheet.runtime.remote_store import offer
from callsheet.runtime.remote_store.at_once import AT_ONCE
from callsheet.runtime.remote_store.backend import Backend, Missing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.blob_names import blob_name
from callsheet.runtime.remote_store.offer import Offer
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.remote_store.store import small_file
from callsheet.runtime.store import atomic as disk
from callsheet.spec.json_documents import StoredFileJson

DIGITS: Final = 12
"""Of the digest of a medium among the parameters."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a shared store has. place: the store. sha256: of the file. output: its place among the
    outputs of the request, such as `images[0]`. parameters: of the request, media by kind and digest. take:
    which result of the same request it is, from 1."""

    place: str
    sha256: str
    output: str
    offer: Offer
    parameters: Mapping[str, object]
    take: int = 1

    def to_json(self) -> StoredFileJson:
        """As JSON values; price in USD, time in UTC."""
        made = self.offer.made
        return {
            "store": self.place,
            "uses": made.uses,
            "film": self.offer.film,
            "at": self.offer.at,
            "usd": made.usd,
            "output": self.output,
            "sha256": self.sha256,
            "take": self.take,
            "with": self.parameters,
        }


def find_file(file: Path, location: str) -> StoredFile | None:
    """What the shared store at `location` says of the content of `file`; None where it does not have it.
    Looks into every offer of the store. Raises InputError for a store that cannot be read."""
    try:
        sha = disk.digest(file)
        backend = backend_at(location)
        next(iter(backend.read(blob_name(sha))), b"")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda name: _said_of(backend, name, sha), _offers(backend))
            return next((one for one in found if one is not None), None)
    except Missing:
        return None
    except (Unreachable, OSError) as error:
        raise InputError(f"the shared store was asked for {file}: {error}") from error


def _offers(backend: Backend) -> Iterator[str]:
    return (entry.name for entry in backend.entries(offer.FOLDER) if offer.key_in(entry.name))


def _said_of(backend: Backend, name: str, sha: str) -> StoredFile | None:
    """What an offer says of the file with the digest `sha`; None where it is about others."""
    try:
        text = small_file(backend, name)
        found = offer.offer_in(text, offer.key_in(name)) if sha.encode() in text else None
    except (Missing, Refused):
        return None
    outputs = found.made.outputs.items() if found else ()
    output = next((place for place, digest in outputs if digest == sha), "")
    if found is None or not output:
        return None
    given, take = _shown(found.components.get("request")), found.components.get("take")
    parameters = given if isinstance(given, dict) else {}
    return StoredFile(backend.title, sha, output, found, parameters, take if isinstance(take, int) else 1)


def _shown(tagged: Any) -> object:
    """A value without its tags; media by their kind and digest, secrets by their variable."""
    match tagged:
        case ["value", value]:
            return value
        case ["object", dict(fields)]:
            return {name: _shown(value) for name, value in fields.items()}
        case ["list", list(items)]:
            return [_shown(item) for item in items]
        case ["media", kind, identity]:
            return f"{kind} {str(identity)[:DIGITS]}…"
        case ["secret", variable]:
            return f"the secret in {variable}"
    return "…"
