"""Turns an endpoint's OpenAPI document into a record of the catalogue.

The schemas are found by the paths that use them: the body of the POST, and the reply to the GET of a result;
their names are only a fallback. Media parameters are plain strings there and are recognised by their name
(`…_url`) or by the catalogue. Enums keep their types: "8s", "8" and 8 are different values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from callsheet.errors import InputError
from callsheet.nodes.catalogue.build import LIMITS
from callsheet.nodes.catalogue.field_data import either, fits
from callsheet.nodes.catalogue.media_words import kind_of_name, kind_of_words, media_kind
from callsheet.nodes.catalogue.tasks import task_of
from callsheet.spec.json_schema import KEYWORDS

Data = dict[str, Any]
Schema = Mapping[str, Any]

MAX_DEPTH: Final = 5
MAX_VISITS: Final = 20_000
"""The most schemas that are read for one document, which limits recursive ones."""
MAX_FIELDS: Final = 500
MAX_NAME: Final = 100
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
REFERENCE: Final = "#/components/schemas/"
FILE_FIELDS: Final = {"content_type", "file_name", "file_size"}
FILE_WORD: Final = re.compile(r"(?:file|image|video|audio)\b")
NOT_MEDIA: Final = {"webhook_url"}
SCALARS: Final = ("string", "integer", "number", "boolean")
LIMITED: Final = {
    "min_items": ("list",),
    "max_items": ("list",),
    "max_length": ("string",),
    "minimum": ("integer", "number"),
    "maximum": ("integer", "number"),
}


def endpoint_of(document: Schema) -> str:
    """The id of the endpoint that the document says it describes, "" where it says none."""
    about = _map(_map(document, "info"), "x-fal-metadata").get("endpointId")
    return about if isinstance(about, str) else ""


def record_of(endpoint: str, document: Schema, known: Schema | None = None) -> Data:
    """The record of `endpoint`.

    known: what the catalogue has about it. Parameters and outputs are the document's; prices, rules and
    roles are the catalogue's, and so is the kind of media where the document only says "string".
    Raises InputError for a document that describes no parameters and no outputs, or another endpoint.
    """
    about = endpoint_of(document)
    if about not in ("", endpoint):
        raise InputError(f"the document describes {about[:MAX_NAME]}, not {endpoint}", "ask for that id")
    known = known or {}
    reader = _Reader(_map(_map(document, "components"), "schemas"))
    taken, made = reader.input_of(document, endpoint), reader.output_of(document, endpoint)
    if taken is None or made is None:
        raise InputError(
            f"the document of {endpoint} has no schema of its input or its output", "try again later"
        )
    inputs = {n: _with_known(data, _map(known.get("inputs", {}), n)) for n, data in reader.inputs(taken)}
    outputs = dict(reader.outputs(made))
    return {
        **{name: known[name] for name in KNOWN if name in known},
        "endpoint": endpoint,
        "task": known.get("task") or _category(document) or task_of(endpoint, inputs, outputs),
        "inputs": inputs,
        "outputs": outputs,
        "status": "active",
    }


def _category(document: Schema) -> str:
    stated = _map(_map(document, "info"), "x-fal-metadata").get("category")
    return stated if isinstance(stated, str) and re.fullmatch(r"[a-z0-9-]{1,40}", stated) else ""


KNOWN: Final = ("price", "rules", "makes", "aliases", "summary", "totals", "no_file")
"""What a document does not say of an endpoint, and the catalogue may know."""
KEPT: Final = ("role", *LIMITS, "min_items", "max_items")
"""What a document does not say of a parameter, and the catalogue may know."""


def _with_known(data: Data, known: Schema) -> Data:
    """The field with the role, the kind of media and the limits that the catalogue knows it has."""
    data = {**{n: known[n] for n in KEPT if n in known}, **data}
    if _plainly(data) == _plainly(known) and _plainly(data) != "":
        return {**data, **{n: known[n] for n in ("type", "item") if n in known}}
    return data


def _plainly(data: Schema) -> str:
    """`url` and `urls` for a text or media, and a list of them; "" for anything else."""
    kinds = ("string", "image", "video", "audio", "file")
    if data.get("type") in kinds and "enum" not in data:
        return "url"
    item = data.get("item")
    return (
        "urls" if data.get("type") == "list" and isinstance(item, dict) and item.get("type") in kinds else ""
    )


class _Reader:
    def __init__(self, schemas: Schema) -> None:
        self.schemas = schemas
        self._left = MAX_VISITS

    def input_of(self, document: Schema, endpoint: str) -> Schema | None:
        """The schema of what is sent."""
        for path in (f"/{endpoint}", *_map(document, "paths")):
            operation = _map(_map(_map(document, "paths"), path), "post")
            if found := _json_schema(_map(operation, "requestBody")):
                return self.meant(found)
        return self._called("input")

    def output_of(self, document: Schema, endpoint: str) -> Schema | None:
        """The schema of a result."""
        for path in (f"/{endpoint}/requests/{{request_id}}", *_map(document, "paths")):
            if path.endswith("/{request_id}"):
                operation = _map(_map(_map(document, "paths"), path), "get")
                if found := _json_schema(_map(_map(operation, "responses"), "200")):
                    return self.meant(found)
        return self._called("output")

    def _called(self, ending: str) -> Schema | None:
        names = [name for name in self.schemas if str(name).lower().endswith(ending)]
        return self.meant(_map(self.schemas, names[0])) if len(names) == 1 else None

    def meant(self, schema: Schema, depth: int = 0) -> Schema:
        """Resolve a schema: follow references, merge its parts, leave out null."""
        while depth <= MAX_DEPTH and self._left > 0:
            self._left -= 1
            reference = schema.get("$ref")
            if isinstance(reference, str) and reference.startswith(REFERENCE):
                name = reference.removeprefix(REFERENCE)
                schema = {
                    "title": name,
                    **_map(self.schemas, name),
                    **_without(schema, "$ref"),
                    "x-name": name,
                }
            elif parts := _list(schema, "allOf"):
                found = [self.meant(part, depth + 1) for part in parts]
                schema = _merged(found, _without(schema, "allOf"))
            elif len(options := self._options(schema)) == 1:
                schema = {**options[0], **_without(schema, "anyOf", "oneOf")}
            else:
                return schema
        return {}

    def _options(self, schema: Schema) -> list[Schema]:
        found = _list(schema, "anyOf") or _list(schema, "oneOf")
        return [option for option in found if option.get("type") != "null"]

    def inputs(self, schema: Schema) -> Iterator[tuple[str, Data]]:
        for name, part, required in _properties(schema):
            yield name, self.field(name, part, required, 0)

    def field(self, name: str, schema: Schema, required: bool, depth: int) -> Data:
        meant = self.meant(schema)
        data = self.shape(name, meant, depth)
        if required:
            data["required"] = True
        default = schema.get("default", meant.get("default"))
        if default is not None and fits(data, default):
            data["default"] = default
        for ours, types in LIMITED.items():
            limit = meant.get(KEYWORDS[ours])
            if data["type"] in types and isinstance(limit, int | float) and not isinstance(limit, bool):
                data[ours] = limit
        return data

    def shape(self, name: str, schema: Schema, depth: int) -> Data:
        """The type of an input, as a record states it."""
        if depth > MAX_DEPTH:
            return {"type": "json"}
        if values := _enum(schema):
            return values
        if options := self._options(schema):
            return either([self.shape(name, self.meant(option), depth + 1) for option in options])
        match schema.get("type"):
            case "string":
                return {"type": media_kind(name, _doc(schema)) if _is_media(name) else "string"}
            case "integer" | "number" | "boolean" as plain:
                return {"type": plain}
            case "array":
                return {
                    "type": "list",
                    "item": self.shape(name, self.meant(_map(schema, "items")), depth + 1),
                }
            case "object" | None if _map(schema, "properties"):
                fields = {n: self.field(n, part, need, depth + 1) for n, part, need in _properties(schema)}
                return {"type": "record", "fields": fields}
        return {"type": "json"}

    def outputs(self, schema: Schema) -> Iterator[tuple[str, Data]]:
        for name, part, required in _properties(schema):
            data = self.made(name, self.meant(part), 0)
            yield name, data if required else {**data, "optional": True}

    def made(self, name: str, schema: Schema, depth: int) -> Data:
        """The type of an output, where an object with a URL is a media value."""
        if depth > MAX_DEPTH:
            return {"type": "json"}
        if options := self._options(schema):
            return either([self.made(name, self.meant(option), depth + 1) for option in options])
        match schema.get("type"):
            case "array":
                return {"type": "list", "item": self.made(name, self.meant(_map(schema, "items")), depth + 1)}
            case "object" | None if _is_file(name, schema):
                return {"type": _made_kind(name, schema)}
            case "object" | None if _map(schema, "properties"):
                fields = {n: self.made(n, self.meant(part), depth + 1) for n, part, _ in _properties(schema)}
                return {"type": "record", "fields": fields}
            case "string" if _is_media(name) and (kind := kind_of_name(name)):
                return {"type": kind}
            case str(plain) if plain in SCALARS:
                return {"type": plain}
        return {"type": "json"}


def _map(value: object, name: str) -> Schema:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _list(schema: Schema, name: str) -> list[Schema]:
    found = schema.get(name)
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []


def _json_schema(body: Schema) -> Schema:
    return _map(_map(_map(body, "content"), "application/json"), "schema")


def _properties(schema: Schema) -> Iterator[tuple[str, Schema, bool]]:
    """(name, schema, required) in the order for people, where the document has one."""
    properties = _map(schema, "properties")
    stated = schema.get("x-fal-order-properties")
    order = [n for n in stated if isinstance(n, str) and n in properties] if isinstance(stated, list) else []
    needed = _required(schema)
    for name in [*dict.fromkeys([*order, *properties])][:MAX_FIELDS]:
        if isinstance(name, str) and len(name) <= MAX_NAME and NAME.match(name):
            yield name, _map(properties, name), name in needed


def _without(schema: Schema, *names: str) -> Schema:
    return {k: v for k, v in schema.items() if k not in names}


def _merged(parts: Sequence[Schema], beside: Schema) -> Schema:
    """Merge several schemas into one; an object gets the fields of all."""
    found: Data = {}
    properties: Data = {}
    required: dict[str, None] = {}
    for part in (*parts, beside):
        found |= part
        properties |= _map(part, "properties")
        required |= _required(part)
    return {**found, "properties": properties, "required": list(required)}


def _required(schema: Schema) -> dict[str, None]:
    """The names that a schema says are required, in its order."""
    stated = schema.get("required")
    names = stated if isinstance(stated, list) else []
    return dict.fromkeys(name for name in names if isinstance(name, str))


def _enum(schema: Schema) -> Data:
    """A choice of literals, or {}; null says "may be absent" and is left out."""
    stated = schema.get("enum")
    values = stated if isinstance(stated, list) else [schema["const"]] if "const" in schema else []
    listed = [
        v for v in dict.fromkeys(v for v in values if isinstance(v, str | int | float)) if v is not None
    ]
    if not listed or all(isinstance(v, bool) for v in listed):
        return {}
    if all(isinstance(v, str) for v in listed):
        return {"type": "string", "enum": listed}
    if any(isinstance(v, str | bool) for v in listed):
        return {}
    return {"type": "integer" if all(isinstance(v, int) for v in listed) else "number", "enum": listed}


def _is_media(name: str) -> bool:
    return name.endswith(("_url", "_urls")) and name not in NOT_MEDIA


def _is_file(name: str, schema: Schema) -> bool:
    """Whether an output with an address is a file: by other fields, the name of its schema, or its own."""
    names = set(_map(schema, "properties"))
    if "url" not in names:
        return False
    return bool(names & FILE_FIELDS or FILE_WORD.search(_called(schema)) or kind_of_name(name))


def _called(schema: Schema) -> str:
    return f"{schema.get('x-name', '')} {schema.get('title', '')}".lower()


def _made_kind(name: str, schema: Schema) -> str:
    """The kind of an output: the name of its schema says it, else its own name, else its description."""
    called = _called(schema)
    stated = next((kind for kind in ("video", "audio", "image") if kind in called), None)
    return stated or kind_of_name(name) or kind_of_words(_doc(schema)) or "file"


def _doc(schema: Schema) -> str:
    text = schema.get("description")
    return text[:2000] if isinstance(text, str) else ""
