"""Records on disk: one JSON line each, beside an index that tells where each line starts.

NAME.jsonl        one record per line, sorted by endpoint
NAME.index.json   {head…, "endpoints": {id: [offset, length, task, rank?]}}, in bytes; rank: 1 is most used
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rendered(head: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> tuple[bytes, bytes]:
    """(the lines, the index) of `records`."""
    lines, places, offset = [], {}, 0
    for record in records:
        line = compact(record).encode() + b"\n"
        places[record["endpoint"]] = [offset, len(line), record["task"], *rank(record)]
        lines.append(line)
        offset += len(line)
    index = ",\n".join(f"{compact(key)}:{compact(place)}" for key, place in places.items())
    return b"".join(lines), f'{{"head":{compact(head)},"endpoints":{{\n{index}\n}}}}\n'.encode()


def rank(record: Mapping[str, Any]) -> list[int]:
    """The place of an endpoint among those that people use most, [] for the others and for retired ones."""
    return [record["rank"]] if "rank" in record and record.get("status") != "retired" else []


def write_records(target: Path, head: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> None:
    """Write both files of `target` (a path without an ending)."""
    lines, index = rendered(head, records)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".jsonl").write_bytes(lines)
    target.with_suffix(".index.json").write_bytes(index)
