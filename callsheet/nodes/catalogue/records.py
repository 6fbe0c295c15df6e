"""Reads records: an index that is read once, and one line per endpoint, read when it is needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data"


class Records:
    """The records of `data/NAME.jsonl`, by endpoint id."""

    def __init__(self, name: str, folder: Path = DATA) -> None:
        self.lines = folder / f"{name}.jsonl"
        self.index_path = folder / f"{name}.index.json"

    @cached_property
    def _index(self) -> Mapping[str, Any]:
        index: Mapping[str, Any] = json.loads(self.index_path.read_bytes())
        return index

    @property
    def head(self) -> Mapping[str, Any]:
        """Where the records come from: package, version, date, licence."""
        head: Mapping[str, Any] = self._index["head"]
        return head

    @property
    def tasks(self) -> Mapping[str, str]:
        """Endpoint id → task, in order of the ids."""
        return {name: place[2] for name, place in self._index["endpoints"].items()}

    @property
    def ranks(self) -> Mapping[str, int]:
        """Endpoint id → its place among those that people use most, in that order; the others have none."""
        ranked = {name: place[3] for name, place in self._index["endpoints"].items() if len(place) > 3}
        return dict(sorted(ranked.items(), key=lambda item: item[1]))

    def __contains__(self, endpoint: str) -> bool:
        return endpoint in self._index["endpoints"]

    def get(self, endpoint: str) -> Mapping[str, Any] | None:
        """The record of one endpoint, or None."""
        place = self._index["endpoints"].get(endpoint)
        if place is None:
            return None
        offset, length, *_ = place
        with self.lines.open("rb") as file:
            file.seek(offset)
            record: Mapping[str, Any] = json.loads(file.read(length))
        return record
