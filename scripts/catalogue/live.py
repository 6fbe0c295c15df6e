"""The second source of the generated catalogue: a models/ folder that `callsheet models sync` filled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callsheet.nodes.openapi.document import record_of
from callsheet.nodes.openapi.live_list import Live, LiveList
from callsheet.nodes.openapi.project_models import Models
from callsheet.spec.price.list_price import list_price_data

Data = dict[str, Any]


def with_live(records: list[Data], folder: Path) -> list[Data]:
    """The records with the documents, the lifecycle and the list prices of a synced folder; sorted by id."""
    found = {record["endpoint"]: record for record in records}
    models = Models(folder)
    for live in LiveList(folder):
        record = _described(models, live, found.get(live.endpoint))
        if record is not None:
            found[live.endpoint] = {**record, **_lifecycle(live), **_price(live)}
    return [found[name] for name in sorted(found)]


def _described(models: Models, live: Live, known: Data | None) -> Data | None:
    """The record of the newest source: its document, or else what the types say."""
    document = models.document(live.endpoint)
    if document is None:
        return known and {n: v for n, v in known.items() if n != "last_seen"}
    return {**record_of(live.endpoint, document, known), "source": f"fal's list of {live.since}"}


def _lifecycle(live: Live) -> Mapping[str, Any]:
    """An endpoint is retired where the provider says so; one that only left its list may still answer."""
    if live.status == "deprecated":
        return {"status": "retired"}
    return {"gone": live.since[:7]} if live.status == "gone" else {}


def _price(live: Live) -> Mapping[str, Any]:
    source = f"https://fal.ai/models/{live.endpoint}"
    data = None if live.usd is None else list_price_data(live.usd, live.unit, live.priced, source)
    return {"list_price": data} if data else {}
