"""Values that give themselves as JSON: each is one document, with a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar

from callsheet.spec.types import NOTHING, Type


class Document:
    """A frozen dataclass that is an answer of callsheet.

    Its JSON has the field `version`, and all its own fields under their names. A new field may be added
    within a version; the version is raised where a field goes or means something else. `callsheet schema`
    prints the JSON Schema.
    """

    __slots__ = ()
    VERSION: ClassVar[int] = 1
    ALSO: ClassVar[tuple[str, ...]] = ()
    """Properties that are told beside the fields."""

    def to_json(self) -> dict[str, Any]:
        """This answer as `--json` prints it."""
        return {"version": self.VERSION, **values_of(self)}


def values_of(value: object) -> dict[str, Any]:
    """The fields of a dataclass as JSON values."""
    assert is_dataclass(value)
    names = [field.name for field in fields(value)]
    names += value.ALSO if isinstance(value, Document) else ()
    return {name: as_json(getattr(value, name)) for name in names}


def as_json(value: object) -> Any:
    """A value as JSON values: what has its own form gives it, other dataclasses their fields, paths and types
    their text."""
    if value is None or isinstance(value, str | int | float):
        return value
    if value is NOTHING:
        return None
    if isinstance(value, Type):
        return str(value)
    if not isinstance(value, Document) and (own := getattr(value, "to_json", None)) is not None:
        return own()
    if is_dataclass(value):
        return values_of(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, Set):
        return sorted(map(as_json, value))
    if isinstance(value, Sequence):
        return [as_json(part) for part in value]
    return str(value)
