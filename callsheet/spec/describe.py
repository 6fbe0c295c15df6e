"""A spec as plain data for people and programs: what `callsheet models show --json` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callsheet.spec.node import NodeSpec
from callsheet.spec.price import Conditions, Price
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
        "inputs": {name: _input(name, field, spec) for name, field in spec.inputs.items()},
        "outputs": {n: _present(type=type_name(t), media=kind_in(t)) for n, t in spec.outputs.items()},
        "price": price_data(spec) if spec.price else None,
        "rules": [{"parameters": [*r.parameters], "message": r.message, "help": r.help} for r in spec.rules],
        "aliases": dict(spec.aliases),
        "source": spec.source,
        "drift": (record or {}).get("drift"),
    }
    kept = ("inputs", "outputs")
    return {key: value for key, value in data.items() if key in kept or value not in (None, "", [], {})}


def price_data(spec: NodeSpec) -> Data:
    """The formula with its parts, and what a call with the defaults costs where that is known."""
    price = spec.price
    if price is None:
        return {}
    return _present(
        unit=price.unit,
        formula=price.formula,
        rates=[_present(usd=r.usd, when=_conditions(r.when)) for r in price.rates] or None,
        factors=[_present(times=f.times, when=_conditions(f.when)) for f in price.factors] or None,
        usd_with_defaults=default_usd(spec, price),
        note=price.note or None,
        source=price.source,
        date=price.date,
    )


def default_usd(spec: NodeSpec, price: Price) -> float | None:
    """USD of a call that leaves every parameter at its default."""
    return price.usd({}, spec.facts({}))


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


def choices(t: Type) -> Iterator[str | int | float]:
    """The listed values of a type, also of one among several."""
    match t:
        case Choice(values):
            yield from values
        case ListOf(inner) | Maybe(inner):
            yield from choices(inner)
        case OneOf(options):
            for option in options:
                yield from choices(option)


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


def _conditions(when: Conditions) -> Data | None:
    return {name: values[0] if len(values) == 1 else list(values) for name, values in when.items()} or None


def _present(**parts: Any) -> Data:
    return {key: value for key, value in parts.items() if value is not None}


def _base(values: tuple[str | int | float, ...]) -> str:
    if isinstance(values[0], str):
        return "string"
    return "integer" if all(isinstance(v, int) for v in values) else "number"
