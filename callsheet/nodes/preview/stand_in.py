"""Makes values for a model's outputs in a preview: of the right type, within bounds, the same each time.

Types are those of the language, or a JSON Schema (draft 2020-12, the part that says what a value is:
type, properties, required, items, enum, const, bounds, anyOf, oneOf, allOf, local $ref).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

from callsheet.nodes.preview.random import Dice
from callsheet.spec.types import STRING, Choice, Field, ListOf, Maybe, OneOf, Record, Scalar, Type

JSON = Any
Schema = Mapping[str, Any]

USUAL_ITEMS: Final = 3
MOST_ITEMS: Final = 50
DEEPEST: Final = 12
SPREAD: Final = 10
IDS: Final = ("id", "key", "slug")
SHORTEST_ID, LONGEST_ID = len("id-1"), len(f"slug-{MOST_ITEMS}")


@dataclass(frozen=True, slots=True)
class StandIn:
    """Makes values out of the words of a prompt."""

    words: str
    dice: Dice

    def of_type(self, t: Type, name: str = "", bounds: Field | None = None) -> JSON:
        """A value of type `t`. bounds: its limits. Media inside of it are None."""
        bounds = bounds or Field(t)
        match t:
            case Scalar(kind):
                return self._scalar(kind, name, bounds)
            case Choice(values):
                return self.dice.pick(values)
            case ListOf(item):
                count = _between(USUAL_ITEMS, bounds.min_items, bounds.max_items)
                made = [self.of_type(item, name) for _ in range(min(count, MOST_ITEMS))]
                return _told_apart(made, _free_fields(item))
            case Maybe(inner):
                return self.of_type(inner, name, bounds)
            case OneOf(options):
                return self.of_type(options[0], name, bounds)
            case Record(fields):
                return {key: self.of_type(f.type, key, f) for key, f in fields.items()}
        return None

    def _scalar(self, kind: str, name: str, bounds: Field) -> JSON:
        match kind:
            case "string":
                return self.text(name, 0, bounds.max_length)
            case "integer":
                return self._integer(bounds.minimum, bounds.maximum)
            case "number":
                return self._number(bounds.minimum, bounds.maximum)
            case "boolean":
                return self.dice.share() < 0.5
        return {"text": self.text(name), "number": self._integer(1, 9)}

    def of_schema(self, schema: object, name: str = "") -> JSON:
        """A value that a JSON Schema accepts; for an empty schema, a line of text."""
        return self._of_schema(schema, schema if isinstance(schema, Mapping) else {}, name, 0)

    def _of_schema(self, schema: object, root: Schema, name: str, depth: int) -> JSON:
        if schema is False or depth > DEEPEST:
            return None
        if not isinstance(schema, Mapping):
            return self.text(name)
        schema = _resolved(schema, root)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return self.dice.pick(schema["enum"])
        match _type_of(schema):
            case "object":
                return self._object(schema, root, depth)
            case "array":
                return self._array(schema, root, name, depth)
            case "string":
                return self._string(schema, name)
            case "integer":
                return self._stepped(schema, whole=True)
            case "number":
                return self._stepped(schema, whole=False)
            case "boolean":
                return self.dice.share() < 0.5
            case "null":
                return None
        return self.text(name)

    def _object(self, schema: Schema, root: Schema, depth: int) -> JSON:
        properties = schema.get("properties", {})
        required = [name for name in schema.get("required", ()) if isinstance(name, str)]
        names = (
            required
            if depth >= DEEPEST // 2
            else [*properties, *(n for n in required if n not in properties)]
        )
        return {name: self._of_schema(properties.get(name, True), root, name, depth + 1) for name in names}

    def _array(self, schema: Schema, root: Schema, name: str, depth: int) -> JSON:
        first = [self._of_schema(s, root, name, depth + 1) for s in schema.get("prefixItems", ())]
        usual = 0 if depth >= DEEPEST // 2 else USUAL_ITEMS
        count = _between(max(usual, len(first)), schema.get("minItems"), schema.get("maxItems"))
        items = schema.get("items", True)
        rest = (
            self._of_schema(items, root, name, depth + 1) for _ in range(min(count, MOST_ITEMS) - len(first))
        )
        return _told_apart([*first, *rest][:count], _free_ids(items, root))

    def _string(self, schema: Schema, name: str) -> str:
        if (form := schema.get("format")) in FORMATS:
            return FORMATS[form]
        return self.text(name, schema.get("minLength") or 0, schema.get("maxLength"))

    def _stepped(self, schema: Schema, whole: bool) -> JSON:
        """A number in bounds, on the grid of `multipleOf` where there is one."""
        step = schema.get("multipleOf") or (1 if whole else None)
        low = _tighter(schema.get("minimum"), schema.get("exclusiveMinimum"), step, max)
        high = _tighter(schema.get("maximum"), schema.get("exclusiveMaximum"), step, min)
        if step is None:
            return self._number(low, high)
        number = (
            self._integer(None if low is None else low / step, None if high is None else high / step) * step
        )
        return int(number) if whole else number

    def _integer(self, low: float | None, high: float | None) -> int:
        lowest = ceil(low) if low is not None else min(1, floor(high)) if high is not None else 1
        highest = floor(high) if high is not None else lowest + SPREAD
        return self.dice.whole(lowest, max(lowest, min(highest, lowest + SPREAD)))

    def _number(self, low: float | None, high: float | None) -> float:
        lowest = low if low is not None else min(0.0, high if high is not None else 0.0)
        highest = high if high is not None else lowest + 1.0
        return min(highest, max(lowest, round(self.dice.between(lowest, highest), 4)))

    def text(self, name: str = "", shortest: int = 0, longest: int | None = None) -> str:
        """Some words of the prompt, from another place each time; at least `shortest` characters."""
        words = self.words.split() or [name or "preview"]
        start, count = self.dice.whole(0, len(words) - 1), self.dice.whole(4, 9)
        taken = [words[(start + i) % len(words)] for i in range(min(count, max(1, len(words))))]
        text = " ".join(taken).strip(" ,.;:") or name or "preview"
        text = text[:1].upper() + text[1:]
        while len(text) < shortest:
            text += " " + text
        return text if longest is None else text[:longest].rstrip().ljust(min(shortest, longest), ".")


def _told_apart(items: list[JSON], ids: Collection[str]) -> list[JSON]:
    """Elements whose ids are distinct, so that they can be the keys of an axis. ids: what may be set."""
    return [_with_ids(item, i, ids) if isinstance(item, dict) else item for i, item in enumerate(items, 1)]


def _with_ids(item: dict[str, JSON], number: int, ids: Collection[str]) -> dict[str, JSON]:
    return {k: f"{k}-{number}" if k in ids else v for k, v in item.items()}


def _free_ids(schema: object, root: Schema) -> list[str]:
    """The ids of an object that any short text suits."""
    schema = _resolved(schema, root) if isinstance(schema, Mapping) else {}
    stated = {name: schema.get("properties", {}).get(name, {}) for name in IDS}
    plain = {n: _resolved(s, root) for n, s in stated.items() if isinstance(s, Mapping)}
    return [name for name, s in plain.items() if _type_of(s) in ("string", None) and _is_free(s)]


def _is_free(schema: Schema) -> bool:
    short = (schema.get("minLength") or 0) <= SHORTEST_ID and schema.get(
        "maxLength", LONGEST_ID
    ) >= LONGEST_ID
    return short and not any(key in schema for key in ("enum", "const", "format", "pattern"))


def _free_fields(t: Type) -> list[str]:
    """The same for the fields of a record."""
    fields = t.fields if isinstance(t, Record) else {}
    return [
        name
        for name, field in fields.items()
        if name in IDS and field.type == STRING and (field.max_length or LONGEST_ID) >= LONGEST_ID
    ]


FORMATS: Final = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "preview@example.com",
    "uri": "https://example.com/preview",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
}
"""String formats of JSON Schema, each with a value from the ranges reserved for examples."""


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema with its local $ref, its allOf and the first of its anyOf or oneOf folded in."""
    for _ in range(DEEPEST):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = _looked_up(reference, root)
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
            continue
        choices = next((schema[k] for k in ("anyOf", "oneOf") if _is_list(schema.get(k))), None)
        parts = [*schema.get("allOf", ()), *(choices[:1] if choices else ())]
        if not parts:
            return schema
        schema = {k: v for k, v in schema.items() if k not in ("allOf", "anyOf", "oneOf")}
        for part in parts:
            schema = _merged(schema, _resolved(part, root) if isinstance(part, Mapping) else {})
    return {}


def _merged(first: Schema, second: Schema) -> Schema:
    both = {**first, **second}
    for key in ("properties", "required"):
        if key in first and key in second:
            a, b = first[key], second[key]
            both[key] = {**a, **b} if isinstance(a, Mapping) else [*a, *b]
    return both


def _looked_up(reference: str, root: Schema) -> Schema:
    found: object = root
    for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _type_of(schema: Schema) -> str | None:
    """The first type that is not null, or what the other keywords imply."""
    stated = schema.get("type")
    if isinstance(stated, Sequence) and not isinstance(stated, str):
        stated = next((t for t in stated if t != "null"), "null")
    if isinstance(stated, str):
        return stated
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if "minimum" in schema or "maximum" in schema else None


def _tighter(closed: float | None, opened: object, step: float | None, choose: Any) -> float | None:
    """The bound that counts; an exclusive one moved inside by a step."""
    if not isinstance(opened, int | float) or isinstance(opened, bool):
        return closed
    inside = (step if step else 1e-3) * (1 if choose is max else -1)
    moved = opened + inside
    return moved if closed is None else choose(closed, moved)


def _between(usual: int, low: int | None, high: int | None) -> int:
    return min(max(usual, low or 0), high if high is not None else max(usual, low or 0))
