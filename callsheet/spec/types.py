"""The types of the language: what an input, a parameter or an output is.

string integer number boolean json        Scalar
image video audio file                    Media
list[T]                                   ListOf
T?                                        Maybe (may be absent)
{name: T, …}                              Record
"a" | "b" | 8                             Choice (an enum of one model)
A | B                                     OneOf (a model that takes either)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

ScalarName = Literal["string", "integer", "number", "boolean", "json"]
MediaKind = Literal["image", "video", "audio", "file"]


class Nothing(Enum):
    """The type of NOTHING, which means that there is no value (None is JSON's null, a value)."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING


class Type:
    """Base of all types; they are immutable and compare by content."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Scalar(Type):
    """A single value that is no media."""

    name: ScalarName

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Media(Type):
    """A media value; `file` takes any kind."""

    kind: MediaKind

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class ListOf(Type):
    """A list of values of one type."""

    item: Type

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class Maybe(Type):
    """A value that may be absent."""

    inner: Type

    def __str__(self) -> str:
        return f"{self.inner}?"


@dataclass(frozen=True, slots=True)
class Choice(Type):
    """One of a model's listed values, all strings or all numbers."""

    values: tuple[str | int | float, ...]

    def __str__(self) -> str:
        return " | ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in self.values)


@dataclass(frozen=True, slots=True)
class OneOf(Type):
    """A value of any of several types, tried in order."""

    options: tuple[Type, ...]

    def __str__(self) -> str:
        return " | ".join(map(str, self.options))


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a model, or a field of an object.

    `minimum` and `maximum` bound a number, and belong to the range; `min_exclusive` and `max_exclusive` do
    not. `min_length` and `max_length` count characters of a string; `min_items` and `max_items` count the
    elements of a list. `description` is a sentence for people and language models.
    """

    type: Type
    required: bool = False
    default: object = NOTHING
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_exclusive: float | None = None
    max_exclusive: float | None = None
    min_length: int | None = None
    description: str = field(default="", compare=False)


LIMITS: Final = (
    "minimum",
    "maximum",
    "max_length",
    "min_items",
    "max_items",
    "min_exclusive",
    "max_exclusive",
    "min_length",
)
"""The limits that a field may have."""


@dataclass(frozen=True, slots=True)
class Record(Type):
    """An object with named fields. open: other fields are allowed too."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    open: bool = False

    def __str__(self) -> str:
        return "{" + ", ".join(f"{n}: {f.type}" for n, f in self.fields.items()) + "}"


STRING: Final = Scalar("string")
INTEGER: Final = Scalar("integer")
NUMBER: Final = Scalar("number")
BOOLEAN: Final = Scalar("boolean")
JSON: Final = Scalar("json")
IMAGE: Final = Media("image")
VIDEO: Final = Media("video")
AUDIO: Final = Media("audio")
FILE: Final = Media("file")

NAMED: Final[Mapping[str, Type]] = {
    str(t): t for t in (STRING, INTEGER, NUMBER, BOOLEAN, JSON, IMAGE, VIDEO, AUDIO, FILE)
}


def parse_type(text: str) -> Type | None:
    """Read a type such as `list[image]?`; None for any other text."""
    text = text.strip()
    if text.endswith("?"):
        inner = parse_type(text[:-1])
        return Maybe(inner) if inner else None
    if text.startswith("list[") and text.endswith("]"):
        item = parse_type(text[5:-1])
        return ListOf(item) if item else None
    return NAMED.get(text)


def bare(t: Type) -> Type:
    """The type without `?`."""
    return t.inner if isinstance(t, Maybe) else t


def media_kinds(t: Type) -> tuple[MediaKind, ...]:
    """The kinds of media that `t` takes as one value; none for a type that takes none, or only a list."""
    match bare(t):
        case Media(kind):
            return (kind,)
        case OneOf(options):
            return tuple(dict.fromkeys(kind for option in options for kind in media_kinds(option)))
    return ()


def media_in(t: Type) -> Iterator[Media]:
    """Every media type inside `t`, outermost first."""
    match t:
        case Media():
            yield t
        case ListOf(inner) | Maybe(inner):
            yield from media_in(inner)
        case OneOf(options):
            for option in options:
                yield from media_in(option)
        case Record(fields):
            for f in fields.values():
                yield from media_in(f.type)
