"""JSON Schemas of typed values: what `to_json` of a value gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from callsheet.spec import json_documents
from callsheet.spec.document import Document
from callsheet.spec.types import Type

Schema = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PLAIN: Final[Mapping[object, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    object: {},
    Any: {},
}
FIELDS: Final = re.compile(r"(?:(?<=[.;] )|(?<=^))((?:\w+(?:, | and ))*\w+): ")
"""Where a docstring turns to fields: `size: bytes. since: …`."""


def schema_of(kind: Any, title: str) -> Schema:
    """The schema of what `kind` gives as JSON, with a definition for each type that is used in it."""
    made = _Schemas()
    own = made.of(kind)
    return {"$schema": DIALECT, "title": title, **own, "$defs": dict(sorted(made.definitions.items()))}


def fields_schema(kind: type) -> tuple[Schema, dict[str, Schema]]:
    """The schema of the fields of a dataclass, and the definitions that it uses."""
    made = _Schemas()
    return made.fields_of(kind), made.definitions


class _Schemas:
    """Makes the schemas of types; each that has a name once."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._kinds: dict[str, type] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of values of a type."""
        if hint in PLAIN:
            return dict(PLAIN[hint])
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is Union or origin is UnionType:
            return {"anyOf": [self.of(argument) for argument in arguments]}
        if origin is NotRequired:
            return self.of(arguments[0])
        if isinstance(origin or hint, type):
            return self._of_class(origin or hint, arguments)
        return {}

    def _of_class(self, kind: type, arguments: tuple[Any, ...]) -> Schema:
        if is_typeddict(kind):
            return self._named(kind, lambda: self._typed_dict(kind))
        if issubclass(kind, Type):
            return {"type": "string"}
        if (own := self._own_form(kind)) is not None:
            return own
        if is_dataclass(kind):
            return self._named(kind, lambda: self.fields_of(kind))
        if issubclass(kind, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1]) if arguments else {}}
        if issubclass(kind, tuple) and arguments and arguments[-1] is not Ellipsis:
            return {"type": "array", "prefixItems": [self.of(argument) for argument in arguments]}
        if issubclass(kind, Sequence | Set | Collection) and not issubclass(kind, str):
            return {"type": "array", "items": self.of(arguments[0]) if arguments else {}}
        return {"type": "string"} if not issubclass(kind, Enum) else {}

    def _own_form(self, kind: type) -> Schema | None:
        """The schema of a class whose JSON is not that of its fields."""
        to_json = getattr(kind, "to_json", None)
        if to_json is None or to_json is Document.to_json:
            return None
        return self.of(get_type_hints(to_json, localns=vars(json_documents))["return"])

    def _named(self, kind: type, make: Any) -> Schema:
        name = kind.__name__.removesuffix("Json")
        if self._kinds.setdefault(name, kind) is not kind:
            raise TypeError(f"two types are called {name}: {kind} and {self._kinds[name]}")
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = make()
        return {"$ref": f"#/$defs/{name}"}

    def _typed_dict(self, kind: Any) -> Schema:
        hints = get_type_hints(kind, include_extras=True)
        required = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired]
        return self._object(kind, hints, required)

    def fields_of(self, kind: Any) -> Schema:
        """The schema of the fields of a dataclass."""
        hints = get_type_hints(kind)
        names = {field.name: hints[field.name] for field in fields(kind)}
        if issubclass(kind, Document):
            names |= {name: get_type_hints(getattr(kind, name).fget)["return"] for name in kind.ALSO}
        return self._object(kind, names, list(names))

    def _object(self, kind: type, hints: Mapping[str, Any], required: Sequence[str]) -> Schema:
        summary, words = described(kind)
        properties = {name: self.of(hint) for name, hint in hints.items()}
        for name, text in words.items():
            if name in properties and "$ref" not in properties[name]:
                properties[name]["description"] = text
        schema: Schema = {"type": "object", "properties": properties, "required": list(required)}
        return {"description": summary, **schema} if summary else schema


def described(kind: type) -> tuple[str, dict[str, str]]:
    """What a docstring says of a type, and of its fields: `A file. size: bytes.`"""
    text = " ".join(cleandoc(kind.__doc__ or "").split())
    if not text or text.startswith(f"{kind.__name__}("):
        return "", {}
    summary, *parts = FIELDS.split(text)
    words: dict[str, str] = {}
    for names, said in zip(parts[::2], parts[1::2], strict=True):
        words |= dict.fromkeys(re.split(r", | and ", names), said.strip())
    return summary.strip(), words
