"""Reads the endpoint descriptions of a project: models/<id>.json, each an OpenAPI document."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from callsheet.errors import InputError, NodeError
from callsheet.nodes.catalogue import siblings
from callsheet.nodes.catalogue.catalogue import KNOWLEDGE
from callsheet.nodes.fal.endpoint import parts
from callsheet.nodes.http.body import MAX_JSON, BodyError, parse_object
from callsheet.spec import shell
from callsheet.spec.project import require_inside
from callsheet.spec.regular_file import read_regular

FOLDER: Final = Path("models")


class Models:
    """The documents in `folder`, if there are any. Each is read when it is needed."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    def path(self, endpoint: str) -> Path:
        """The path of an endpoint's document, whether it exists or not.

        Raises InputError for no valid id, and where links lead out of the project.
        """
        try:
            found = parts(endpoint)
        except NodeError as error:
            raise InputError(error.message, error.next_step) from None
        return require_inside(self.folder.joinpath(*found[:-1], f"{found[-1]}.json"), self.folder.parent)

    def __iter__(self) -> Iterator[str]:
        """The ids of all documents, sorted."""
        found = sorted(self.folder.rglob("*.json")) if self.folder.is_dir() else []
        for path in found:
            endpoint = path.relative_to(self.folder).with_suffix("").as_posix()
            if self._names(endpoint):
                yield endpoint

    def document(self, endpoint: str) -> Mapping[str, Any] | None:
        """The document of an endpoint, or None. Raises InputError for one that cannot be read."""
        if not self._names(endpoint):
            return None
        path = self.path(endpoint)
        try:
            if not path.is_file():
                return None
            text = read_regular(path, MAX_JSON)
            if len(text) > MAX_JSON:
                raise BodyError(f"is larger than {MAX_JSON >> 20} MB")
            return parse_object(text)
        except (OSError, BodyError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
                return None
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(f"{path} {why}", _add(endpoint)) from None

    def record(self, endpoint: str, known: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The record that the project has of an endpoint, or None. Raises InputError."""
        document = self.document(endpoint)
        if document is None:
            return None
        from callsheet.nodes.openapi.document import record_of

        try:
            found = record_of(endpoint, document, known)
            return {**_priced(found, known), "source": self.path(endpoint).as_posix()}
        except InputError as error:
            raise InputError(f"{self.path(endpoint)}: {error.message}", _add(endpoint)) from None

    def _names(self, endpoint: str) -> bool:
        try:
            parts(endpoint)
        except NodeError:
            return False
        return True


def _priced(record: Mapping[str, Any], known: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The record with the price of hand knowledge. Values that are newer than it are priced like siblings,
    and the defaults are those of the record."""
    if known is None or "price" not in record:
        return record
    inputs = record["inputs"]
    beside = siblings.tiers(siblings.siblings(str(record["endpoint"]), KNOWLEDGE))
    price = siblings.with_tiers(record["price"], inputs, known, beside)
    defaults = {n: v for n, v in price.get("defaults", {}).items() if "default" not in inputs.get(n, {})}
    return {**record, "price": {**price, "defaults": defaults}}


def written(document: Mapping[str, Any]) -> str:
    """The document as text, in a form where git shows only changes of meaning."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _add(endpoint: str) -> str:
    """What takes the description of an endpoint up again."""
    return shell.command(["callsheet", "models", "add", endpoint])
