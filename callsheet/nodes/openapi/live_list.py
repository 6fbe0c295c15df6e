"""What a project knows of the provider's own list: models/live.jsonl, written by `callsheet models sync`.

    {"version":1,"date":"2026-11-30","endpoints":1400}
    {"endpoint":"fal-ai/flux/dev","status":"active","since":"2026-11-30","usd":0.025,"unit":"megapixel",…}

One line for each endpoint, sorted, so that git shows what changed and a look-up parses one line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from callsheet.errors import InputError
from callsheet.nodes.catalogue import siblings
from callsheet.nodes.catalogue.catalogue import KNOWLEDGE
from callsheet.nodes.http.body import MAX_RESULT
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.list_price import list_price_data
from callsheet.spec.price.price import Price
from callsheet.spec.price.read import MOST_USD, price_from
from callsheet.spec.regular_file import open_regular
from callsheet.spec.types import NOTHING

FILE: Final = "live.jsonl"
VERSION: Final = 1
SYNC: Final = "callsheet models sync"
Status = Literal["active", "deprecated", "gone"]
STATUSES: Final = ("active", "deprecated", "gone")


@dataclass(frozen=True, slots=True)
class Live:
    """What the list says of an endpoint. status: "gone" where the list has it no more. since: the day when
    that was first seen. task: as its document says it, "" where that is not known. usd: list price per `unit`
    (in the provider's words), None where it states none; priced: the day it was read."""

    endpoint: str
    status: Status
    since: str
    usd: float | None = None
    unit: str = ""
    priced: str = ""
    task: str = ""


class LiveList:
    """The list in the folder `folder`, if there is one. Nothing is read before it is asked for something."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    @property
    def date(self) -> str:
        """The day when the whole list was read last, "" for never."""
        return str(self.head.get("date", ""))

    @cached_property
    def head(self) -> Mapping[str, Any]:
        """Its first line. Raises InputError."""
        line, _, _ = self._text.partition(b"\n")
        if not line:
            return {}
        head = self._object(line)
        if head.get("version") != VERSION:
            raise InputError(f"{self.path} is of another version of callsheet", f"delete it, or: {SYNC}")
        return head

    def of(self, endpoint: str) -> Live | None:
        """What it says of an endpoint. Raises InputError."""
        start = self._text.find(b'\n{"endpoint":' + json.dumps(endpoint).encode() + b",")
        if not self.head or start < 0:
            return None
        end = self._text.find(b"\n", start + 1)
        return self._live(self._text[start + 1 : end if end > 0 else None])

    @cached_property
    def by_endpoint(self) -> Mapping[str, Live]:
        """All of it, by endpoint. Raises InputError."""
        return {live.endpoint: live for live in self}

    def __iter__(self) -> Iterator[Live]:
        """All of it. Raises InputError."""
        yield from (self._live(line) for line in self._text.splitlines()[1:] if line)

    @cached_property
    def _text(self) -> bytes:
        try:
            with open_regular(self.path) as file:
                text = file.read(MAX_RESULT + 1)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror}", SYNC) from None
        if len(text) > MAX_RESULT:
            raise InputError(f"{self.path} is larger than {MAX_RESULT >> 20} MB", f"delete it, or: {SYNC}")
        return text

    def _object(self, line: bytes) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise InputError(f"{self.path} has a line that is no JSON object", f"delete it, or: {SYNC}")
        return found

    def _live(self, line: bytes) -> Live:
        data = self._object(line)
        status, usd = data.get("status"), data.get("usd")
        if status not in STATUSES or not isinstance(data.get("endpoint"), str) or not _is_price(usd):
            raise InputError(f"{self.path}: a line has no status or no valid price", f"delete it, or: {SYNC}")
        texts = {name: str(data.get(name, "")) for name in ("endpoint", "since", "task", "unit", "priced")}
        return Live(status=status, usd=usd, **texts)


def _is_price(usd: object) -> bool:
    if isinstance(usd, bool) or not isinstance(usd, int | float):
        return usd is None
    return math.isfinite(usd) and 0 < usd <= MOST_USD


def written(date: str, found: Iterable[Live]) -> bytes:
    """The list as a file. date: the day when all of it was read."""
    lines = [_line(live) for live in sorted(found, key=lambda live: live.endpoint)]
    head = {"version": VERSION, "date": date, "endpoints": len(lines)}
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in (head, *lines)).encode()


def _line(live: Live) -> dict[str, object]:
    price = {"usd": live.usd, "unit": live.unit, "priced": live.priced} if live.usd is not None else {}
    task = {"task": live.task} if live.task else {}
    return {"endpoint": live.endpoint, "status": live.status, "since": live.since, **task, **price}


def as_listed(spec: NodeSpec, live: Live, source: str) -> NodeSpec:
    """The spec with the lifecycle of the list; and with its price where nothing better is known.

    source: the file that says so.
    """
    match live.status:
        case "deprecated":
            spec = replace(spec, status="retired")
        case "gone":
            spec = replace(spec, gone=live.since)
        case "active":
            spec = replace(spec, status="active", gone="")
    return spec if spec.price or live.usd is None else replace(spec, price=list_price(spec, live, source))


def list_price(spec: NodeSpec, live: Live, source: str) -> Price | None:
    """The list price with the tiers of the endpoint's siblings; None where its unit cannot be counted."""
    data = list_price_data(live.usd or 0.0, live.unit, live.priced, source)
    if data is None:
        return None
    beside = siblings.tiers(siblings.siblings(spec.uses, KNOWLEDGE))
    taken = {name for name in beside if name in spec.inputs}
    data["factors"] = [
        siblings.unchecked(name, value, times)
        for name in sorted(taken)
        for value, times in beside[name].items()
        if times > 1
    ]
    defaults = {n: f.default for n, f in spec.inputs.items() if f.default is not NOTHING}
    return price_from(data, defaults, "list")
