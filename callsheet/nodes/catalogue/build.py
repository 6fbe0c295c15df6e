"""Builds the spec of a node from a record of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from callsheet.nodes.catalogue.fields import fields_of, output_of
from callsheet.nodes.catalogue.media_words import media_kind
from callsheet.spec.media import Facts
from callsheet.spec.node import Limits, MediaTotal, NodeSpec, Parameters, Rule
from callsheet.spec.prediction import Shape
from callsheet.spec.price.conditions import conditions, matches
from callsheet.spec.price.price import Price
from callsheet.spec.price.read import price_from
from callsheet.spec.roles import infer_roles, infer_shape
from callsheet.spec.types import JSON, NOTHING, Field, ListOf, Media

LIMITS: Final = tuple(field.name for field in fields(Limits))


def build(record: Mapping[str, Any]) -> NodeSpec:
    """The spec that `record` describes."""
    endpoint, task = record["endpoint"], record["task"]
    inputs = fields_of(record["inputs"])
    outputs = {name: output_of(data) for name, data in record["outputs"].items()}
    defaults = {n: f.default for n, f in inputs.items() if f.default is not NOTHING}
    makes = infer_shape(endpoint, task, inputs, outputs) | record.get("makes", {})
    shape = Shape(makes, inputs, outputs)
    certain = Shape(record.get("makes", {}), inputs, outputs, certain=True)
    return NodeSpec(
        uses=endpoint,
        provider=record.get("provider", "fal"),
        task=task,
        inputs=inputs,
        outputs=outputs,
        facts=_facts(shape, defaults),
        status=record.get("status", "active"),
        replaced_by=record.get("replaced_by"),
        price=_price(record, defaults),
        rules=tuple(_rule(data, defaults) for data in record.get("rules", ())),
        aliases=record.get("aliases", {}),
        source=record.get("source", ""),
        summary=record.get("summary", ""),
        roles=_roles(record, inputs, task),
        determined=certain.facts,
        accepts=_accepts(record["inputs"]),
        no_file={name: conditions(when) for name, when in record.get("no_file", {}).items()},
        totals=tuple(_total(data) for data in record.get("totals", ())),
        speech=_speech(makes),
        length=makes.get("seconds", ""),
        gone=record.get("gone", ""),
        unlisted=unlisted if record.get("open") else None,
    )


def unlisted(name: str) -> Field:
    """What a parameter that nobody describes is likely to take: media where its name ends in `_url`."""
    if name.endswith("_url"):
        return Field(Media(media_kind(name, "")))
    if name.endswith("_urls"):
        return Field(ListOf(Media(media_kind(name, ""))))
    return Field(JSON)


def _facts(shape: Shape, defaults: Mapping[str, object]) -> Callable[[Parameters], Mapping[str, Facts]]:
    return lambda parameters: shape.facts({**defaults, **parameters})


def _accepts(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Limits]:
    stated = {name: {key: data[key] for key in LIMITS if key in data} for name, data in inputs.items()}
    return {name: Limits(**found) for name, found in stated.items() if found}


def _total(data: Mapping[str, Any]) -> MediaTotal:
    return MediaTotal(**{**data, "of": tuple(data["of"]), "when": conditions(data.get("when", {}))})


def _speech(makes: Mapping[str, Any]) -> str:
    match makes.get("seconds"):
        case {"speech": str(name)}:
            return name
    return ""


def _price(record: Mapping[str, Any], defaults: Mapping[str, object]) -> Price | None:
    if "price" in record:
        return price_from(record["price"], defaults)
    return price_from(record["list_price"], defaults, "list") if "list_price" in record else None


def _roles(record: Mapping[str, Any], inputs: Mapping[str, Field], task: str) -> dict[str, str]:
    stated = {name: data["role"] for name, data in record["inputs"].items() if "role" in data}
    return infer_roles(inputs, task) | stated


def _rule(data: Mapping[str, Any], defaults: Mapping[str, object]) -> Rule:
    when = conditions(data["when"])
    return Rule(
        parameters=tuple(when),
        message=data["message"],
        help=data["help"],
        broken=lambda parameters: matches(when, {**defaults, **parameters}) is True,
    )
