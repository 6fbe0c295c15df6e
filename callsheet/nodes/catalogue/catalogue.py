"""Looks endpoints up in the catalogue: hand knowledge where there is some, else generated facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from callsheet.nodes.catalogue import templates
from callsheet.nodes.catalogue.build import build
from callsheet.nodes.catalogue.records import Records
from callsheet.spec.node import NodeSpec

KNOWLEDGE: Final = Records("knowledge")
GENERATED: Final = Records("endpoints")
USUAL: Final = "fal"
"""The provider of a record that names none."""


def find(uses: str, provider: str) -> NodeSpec | None:
    """The spec of `uses` if it is an endpoint of this provider, else None."""
    found = record(uses)
    return build(found) if found and found.get("provider", USUAL) == provider else None


def has_owner(owner: str) -> bool:
    """Whether the catalogue has an endpoint of this owner, the first part of its name."""
    return any(uses.startswith(f"{owner}/") for known in (KNOWLEDGE, GENERATED) for uses in known.tasks)


def record(uses: str) -> Mapping[str, Any] | None:
    """The record of an endpoint, or None. Reads one line of one file."""
    if found := KNOWLEDGE.get(uses) or GENERATED.get(uses):
        return _completed(found)
    template = templates.matching(uses, KNOWLEDGE.tasks)
    found = KNOWLEDGE.get(template) if template else None
    return {**found, "endpoint": uses} if found else None


def listed(uses: str) -> str:
    """The month of the provider's list that has `uses`, where no more is known of it; else ""."""
    others = KNOWLEDGE.head.get("undescribed", {})
    return str(others["listed"]) if uses in others.get("endpoints", ()) else ""


def _completed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the source of a generated record, and that it left the list where only older releases have it.

    That is no proof that the provider does not answer any more: "retired" needs a source.
    """
    head = GENERATED.head
    release = record.get("types_of", record.get("last_seen", head["version"]))
    older = release != head["version"]
    source = f"{head['package']} {release} on npm" + ("" if older else f", {head['date']}")
    gone = head["date"][:7] if "last_seen" in record else ""
    return {"source": source, "status": "active", "gone": gone, **record}
