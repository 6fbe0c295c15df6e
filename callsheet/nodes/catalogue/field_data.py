"""The data of a field in a record: several put together, and whether a value is one of it."""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]


def either(options: list[Data]) -> Data:
    """One of several; equal ones once, and anything at all swallows the rest."""
    unique = [o for i, o in enumerate(options) if o not in options[:i]]
    if any(o == {"type": "json"} for o in unique):
        return {"type": "json"}
    return unique[0] if len(unique) == 1 else {"type": "any", "any": unique}


def fits(data: Data, value: object) -> bool:
    """Whether a stated default is a value of the field it stands at."""
    if "enum" in data:
        return value in data["enum"] and not isinstance(value, bool)
    match data["type"]:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "list":
            return isinstance(value, list)
        case "record":
            return isinstance(value, dict) and set(value) <= set(data["fields"])
        case "any":
            return any(fits(option, value) for option in data["any"])
        case "json":
            return True
    return isinstance(value, str) and "://" in value
