"""fal's own list of models, read page by page, and the OpenAPI documents of those that are asked for.

    GET /v1/models?status=active&limit=100&cursor=…
    GET /v1/models?endpoint_id=…&endpoint_id=…&expand=openapi-3.0        at most 50 ids

What is missing from the list counts as gone only where the list was read to its end. Where a page says that
more follow, and the next page cannot be had or has nothing new, the list may not be whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from callsheet.errors import NodeError
from callsheet.nodes.fal.endpoint import parts
from callsheet.nodes.fal.platform import AT_ONCE, Garbled, Platform

PATH: Final = "/v1/models"
PAGE: Final = 100
MOST_MODELS: Final = 20_000
BATCH: Final = 16
"""Documents that are asked for at once: few enough for a page of a few megabytes."""
LONGEST_ID: Final = 200
Lifecycle = Literal["active", "deprecated"]
LIFECYCLES: Final[tuple[Lifecycle, ...]] = ("active", "deprecated")


@dataclass(slots=True)
class Listing:
    """Endpoint → its lifecycle, as the provider lists it. problem: why the list may not be whole, "" if it
    is."""

    models: dict[str, Lifecycle] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The OpenAPI document of an endpoint, or why there is none."""

    endpoint: str
    document: Mapping[str, Any] | None
    problem: str = ""


async def listing(platform: Platform) -> Listing:
    """The whole list. Raises QueueError where not even its beginning can be had, NodeError for a bad key."""
    found = Listing()
    for lifecycle in LIFECYCLES:
        await _read(platform, lifecycle, found)
    return found


async def _read(platform: Platform, lifecycle: Lifecycle, found: Listing) -> None:
    """Every page of the models with this lifecycle."""
    cursor, seen = "", {""}
    while len(found.models) < MOST_MODELS:
        query = [("status", lifecycle), ("limit", str(PAGE)), *([("cursor", cursor)] if cursor else [])]
        try:
            page = await platform.get(PATH, query)
        except Garbled as error:
            if not found.models:
                raise
            found.problem = error.message
            return
        new = [name for name, _ in _models(page) if name not in found.models]
        found.models.update(dict.fromkeys(new, lifecycle))
        following, more = page.get("next_cursor"), bool(page.get("has_more"))
        if not isinstance(following, str) or following in seen or not new:
            found.problem = found.problem or (_lie(following, seen) if more else "")
            return
        cursor = following
        seen.add(cursor)
    found.problem = found.problem or f"the provider lists more than {MOST_MODELS:,} models"


def _lie(following: object, seen: set[str]) -> str:
    """Why the next page cannot be had, or would not help, though there is said to be one."""
    if not isinstance(following, str):
        return "a page of the provider's list says that more follow, and not where"
    if following in seen:
        return "the provider's list repeats itself"
    return "a page of the provider's list has nothing new, and says that more follow"


def _models(page: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(id, model) of a page; what has no id that can be an endpoint's is passed over."""
    items = page.get("models")
    for item in items if isinstance(items, list) else ():
        name = item.get("endpoint_id") if isinstance(item, dict) else None
        if isinstance(name, str) and is_endpoint(name):
            yield name, item


def is_endpoint(name: str) -> bool:
    """Whether a text can be the id of an endpoint, and a path of the project."""
    try:
        return len(name) <= LONGEST_ID and len(parts(name)) > 1
    except NodeError:
        return False


async def documents(platform: Platform, endpoints: Sequence[str]) -> AsyncIterator[list[Document]]:
    """The documents of `endpoints`, some at a time, as they come. Raises QueueError, NodeError."""
    batches = [endpoints[i : i + BATCH] for i in range(0, len(endpoints), BATCH)]
    for start in range(0, len(batches), AT_ONCE):
        reading = [asyncio.create_task(_documents(platform, b)) for b in batches[start : start + AT_ONCE]]
        try:
            for task in reading:
                yield await task
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)


async def _documents(platform: Platform, endpoints: Sequence[str]) -> list[Document]:
    """A document that cannot be read costs only itself."""
    found: list[Document] = []
    async for asked, page in platform.about(PATH, endpoints, [("limit", "50"), ("expand", "openapi-3.0")]):
        if isinstance(page, Garbled):
            found.append(Document(asked[0], None, page.message))
            continue
        shown = {name: model.get("openapi") for name, model in _models(page) if name in asked}
        found += [_document(endpoint, shown.get(endpoint)) for endpoint in asked]
    return found


def _document(endpoint: str, found: object) -> Document:
    if isinstance(found, dict) and "error" not in found:
        return Document(endpoint, found)
    return Document(endpoint, None, "the provider has no OpenAPI document of it")
