"""A spec as plain data for people and programs: what `callsheet models show --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from callsheet.spec.choices import choices
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.describe import observed_data, own_price_data, price_data
from callsheet.spec.roles import kind_in
from callsheet.spec.types import LIMITS, NOTHING, Choice, Field, ListOf, Maybe, OneOf, Record, Type

Data = dict[str, Any]


def describe(spec: NodeSpec, record: Mapping[str, Any] | None = None) -> Data:
    """The spec as JSON data; what is not known is left out. `record` adds what only the catalogue keeps."""
    data: Data = {
        "endpoint": spec.uses,
        "task": spec.task,
        "status": spec.status,
        "replaced_by": spec.replaced_by,
        "provider": spec.provider,
        "summary": spec.summary,
        "keys": [*spec.keys],
        "inputs": {name: _input(name, field, spec) for name, field in spec.inputs.items()},
        "outputs": {n: _present(type=type_name(t), media=kind_in(t)) for n, t in spec.outputs.items()},
        "price": price_data(spec) if spec.price else None,
        "own_price": own_price_data(spec),
        "observed": observed_data(spec),
        "limits": _limits(spec) or None,
        "rules": [{"parameters": [*r.parameters], "message": r.message, "help": r.help} for r in spec.rules],
        "aliases": dict(spec.aliases),
        "source": spec.source,
        "drift": (record or {}).get("drift"),
        "gone": spec.gone,
        "open": spec.unlisted is not None or None,
        **{key: (record or {}).get(key) for key in ("rank", "sources", "confidence", "disagrees")},
    }
    kept = ("inputs", "outputs")
    return {key: value for key, value in data.items() if key in kept or value not in (None, "", [], {})}


def _limits(spec: NodeSpec) -> Data:
    """The limits of media by parameter, and of several together by the names of all of them."""
    found: Data = {name: _present(**asdict(limits)) for name, limits in spec.accepts.items()}
    for total in spec.totals:
        said = _present(**{k: v for k, v in asdict(total).items() if k not in ("of", "with_video", "when")})
        said |= {"with_video": True} if total.with_video else {}
        said |= {"when": {name: list(values) for name, values in total.when.items()}} if total.when else {}
        found.setdefault(f"total of {' and '.join(total.of)}", []).append(said)
    return found


def type_name(t: Type) -> str:
    """The language's name of a type; of a list of choices its base type."""
    match t:
        case Choice(values):
            return _base(values)
        case ListOf(item):
            return f"list[{type_name(item)}]"
        case Maybe(inner):
            return f"{type_name(inner)}?"
        case OneOf(options):
            return " | ".join(dict.fromkeys(map(type_name, options)))
        case Record(fields):
            return "{" + ", ".join(f"{name}: {type_name(f.type)}" for name, f in fields.items()) + "}"
    return str(t)


def _input(name: str, field: Field, spec: NodeSpec) -> Data:
    limits = {limit: getattr(field, limit) for limit in LIMITS}
    data = _present(
        type=type_name(field.type),
        required=field.required,
        enum=list(choices(field.type)) or None,
        **limits,
        media=kind_in(field.type),
        role=spec.roles.get(name),
        fields=_fields(field.type) or None,
    )
    return data if field.default is NOTHING else {**data, "default": field.default}


def _fields(t: Type) -> Data:
    """The fields of an object, or of the objects in a list."""
    match t:
        case Record(fields):
            return {name: _field(field) for name, field in fields.items()}
        case ListOf(inner) | Maybe(inner):
            return _fields(inner)
        case OneOf(options):
            return next((found for option in options if (found := _fields(option))), {})
    return {}


def _field(field: Field) -> Data:
    limits = {limit: getattr(field, limit) for limit in LIMITS}
    enum = list(choices(field.type)) or None
    data = _present(type=type_name(field.type), required=field.required, enum=enum, **limits)
    return data if field.default is NOTHING else {**data, "default": field.default}


def _present(**parts: Any) -> Data:
    return {key: value for key, value in parts.items() if value is not None}


def _base(values: tuple[str | int | float, ...]) -> str:
    if isinstance(values[0], str):
        return "string"
    return "integer" if all(isinstance(v, int) for v in values) else "number"
