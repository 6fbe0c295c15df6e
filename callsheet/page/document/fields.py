"""The fields of a document as JSON values."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]
EMPTY: Final[tuple[object, ...]] = ("", (), [], {}, None)


def kept(**fields: object) -> Json:
    """The fields that are not empty. 0 and False are kept."""
    return {name: value for name, value in fields.items() if value not in EMPTY}
