"""Endpoint types → facts: one plain record per endpoint, without a word of prose.

A record is {"endpoint", "task", "inputs": {name: field}, "outputs": {name: field}}. A field is
{"type", "required", "default", "enum", limits} and, by its type, "item" (list), "fields" (record) or
"any" (either of several).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comments import default_in, limits_in
from typescript import Literal, Member, Name, Object, TypeNode, Union

from callsheet.nodes.catalogue.field_data import either, fits
from callsheet.nodes.catalogue.media_words import kind_of_name, kind_of_words, media_kind
from callsheet.nodes.catalogue.tasks import task_of

Data = dict[str, Any]
MAX_DEPTH = 5
JSON_NAMES = {"unknown", "any", "void", "object", "undefined", "Record"}
MARK = {"Blob", "File"}
WHOLE = {"seed", "width", "height", "steps", "fps"}
WHOLE_PREFIXES = ("num_", "number_of_")
FILE_FIELDS = {"content_type", "file_name", "file_size"}
NOT_MEDIA = {"webhook_url"}
SAID_AS_TEXT = {"duration", "safety_tolerance"}
"""Numbers that pages of many models show in quotes; where one takes integers, gathered facts say so."""


class Facts:
    """Reads one file of declarations; `endpoints()` gives its records in order of their ids."""

    def __init__(self, declarations: Mapping[str, TypeNode]) -> None:
        self.declarations = declarations

    def endpoints(self) -> Iterator[Data]:
        table = self.declarations["EndpointTypeMap"]
        if not isinstance(table, Object):
            raise ValueError("EndpointTypeMap is not an object type")
        for member in sorted(table.members, key=lambda m: m.name):
            yield self.endpoint(member)

    def endpoint(self, member: Member) -> Data:
        parts = {m.name: m.type for m in self.object(member.type)}
        inputs = {m.name: self.field(m) for m in self.object(parts["input"])}
        outputs = {m.name: self.output(m) for m in self.object(parts["output"])}
        return {
            "endpoint": member.name,
            "task": task_of(member.name, inputs, outputs),
            "inputs": inputs,
            "outputs": outputs,
        }

    def object(self, node: TypeNode) -> tuple[Member, ...]:
        """The members of an object type, through its names; a type of no fields has none."""
        node = self.named(node)
        return node.members if isinstance(node, Object) else ()

    def named(self, node: TypeNode) -> TypeNode:
        """What a name stands for, through any number of names."""
        seen: set[str] = set()
        while isinstance(node, Name) and node.name in self.declarations and node.name not in seen:
            seen.add(node.name)
            node = self.declarations[node.name]
        return node

    def field(self, member: Member, depth: int = 0) -> Data:
        """The record of an input; media where the types mark it, or a list of URLs by its name."""
        data = self.shape(member.type, member, depth)
        if data["type"] == "number" and _counts(member):
            data["type"] = "integer"
        if not member.optional:
            data["required"] = True
        stated, default = default_in(member.doc)
        if stated and fits(data, default):
            data["default"] = default
        data.update(limits_in(member.doc, data["type"]))
        return with_integers(member.name, data)

    def shape(self, node: TypeNode, member: Member, depth: int) -> Data:
        match node:
            case Literal(value):
                return enum((value,))
            case Union(options):
                return self.union(options, member, depth)
            case Name("Array", args):
                return self.list_of(args[0] if args else Name("unknown"), member, depth)
            case Name(("string" | "number" | "boolean") as name):
                return {"type": name}
            case Name(name) if name in JSON_NAMES:
                return {"type": "json"}
            case Name(name) if name in MARK and name not in self.declarations:
                return {"type": media_kind(member.name, member.doc)}
            case Name():
                inner = self.named(node)
                return {"type": "json"} if isinstance(inner, Name) else self.shape(inner, member, depth)
            case Object(members):
                return self.record(members, depth)

    def record(self, members: tuple[Member, ...], depth: int) -> Data:
        if depth >= MAX_DEPTH or not members:
            return {"type": "json"}
        return {"type": "record", "fields": {m.name: self.field(m, depth + 1) for m in members}}

    def list_of(self, item: TypeNode, member: Member, depth: int) -> Data:
        if item == Name("string") and _lists_media(member):
            return {"type": "list", "item": {"type": media_kind(member.name, member.doc)}}
        return {"type": "list", "item": self.shape(item, member, depth)}

    def union(self, options: tuple[TypeNode, ...], member: Member, depth: int) -> Data:
        if Name("Blob") in options or {Name("string"), Name("File")} <= set(options):
            kind = {"type": media_kind(member.name, member.doc)}
            rest = [o for o in options if o not in (Name("string"), Name("Blob"), Name("File"))]
            return either([kind, *(self.shape(o, member, depth) for o in rest)])
        literals = [o.value for o in options if isinstance(o, Literal)]
        others = [self.shape(o, member, depth) for o in options if not isinstance(o, Literal)]
        return either(([enum(tuple(literals))] if literals else []) + others)

    def output(self, member: Member) -> Data:
        data = self.made(member.type, member, 0)
        if member.optional:
            data["optional"] = True
        return data

    def made(self, node: TypeNode, member: Member, depth: int) -> Data:
        """The record of an output, where an object with a URL is a media value."""
        name = node.name if isinstance(node, Name) else ""
        inner = self.named(node)
        match inner:
            case Object(members) if _is_file(members):
                return {"type": made_kind(name, member)}
            case Object(members) if members and depth < MAX_DEPTH:
                fields = {m.name: self.made(m.type, m, depth + 1) for m in members}
                return {"type": "record", "fields": fields}
            case Name("Array", args):
                return {"type": "list", "item": self.made(args[0] if args else inner, member, depth)}
            case Name("File"):
                return {"type": made_kind("File", member)}
            case Object() | Name():
                return {"type": _scalar(inner, member)}
        return self.shape(inner, member, depth)


def _scalar(node: TypeNode, member: Member) -> str:
    if node not in SCALARS or not isinstance(node, Name):
        return "json"
    return "integer" if node.name == "number" and _counts(member) else node.name


SCALARS = (Name("string"), Name("number"), Name("boolean"))


def _counts(member: Member) -> bool:
    return member.name in WHOLE or member.name.startswith(WHOLE_PREFIXES)


def _lists_media(member: Member) -> bool:
    return member.name.endswith(("_urls", "_url")) and member.name not in NOT_MEDIA


def _is_file(members: tuple[Member, ...]) -> bool:
    names = {m.name for m in members}
    return "url" in names and bool(names & FILE_FIELDS)


def made_kind(type_name: str, member: Member) -> str:
    """The kind of an output: the name of its type says it, else its own name, else its comment."""
    for kind in ("video", "audio", "image"):
        if kind in type_name.lower():
            return kind
    return kind_of_name(member.name) or kind_of_words(member.doc) or "file"


def with_integers(name: str, data: Data) -> Data:
    """The field, where the types quote the numbers of a count or a measure: integers are taken, too.

    The types quote every choice, so that they do not tell `4` from `"4"`.
    """
    listed = data.get("enum", [])
    if name in SAID_AS_TEXT or not listed or not all(isinstance(v, str) and v.isdecimal() for v in listed):
        return data
    parts = [{"type": "integer", "enum": [int(v) for v in listed]}, {"type": "string", "enum": listed}]
    return {"type": "any", "any": parts, **{k: v for k, v in data.items() if k not in ("type", "enum")}}


def enum(values: tuple[object, ...]) -> Data:
    """A choice of literals; null says "may be absent" and is left out."""
    listed = [v for v in dict.fromkeys(values) if v is not None]
    if not listed:
        return {"type": "json"}
    if all(isinstance(v, bool) for v in listed):
        return {"type": "boolean"}
    if all(isinstance(v, str) for v in listed):
        return {"type": "string", "enum": listed}
    if all(isinstance(v, int | float) for v in listed):
        return {"type": "integer" if all(isinstance(v, int) for v in listed) else "number", "enum": listed}
    return {"type": "json"}
