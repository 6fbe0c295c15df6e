"""The data of a field in a record: several put together, and whether a value fits."""

from __future__ import annotations

from typing import Any

from callsheet.nodes.catalogue.fields import type_of
from callsheet.spec.conform import problems
from callsheet.spec.types import Field

Data = dict[str, Any]


def either(options: list[Data]) -> Data:
    """Combine several into "any of these". Equal ones count once; one that takes any JSON replaces them
    all."""
    unique = [o for i, o in enumerate(options) if o not in options[:i]]
    if any(o == {"type": "json"} for o in unique):
        return {"type": "json"}
    return unique[0] if len(unique) == 1 else {"type": "any", "any": unique}


def fits(data: Data, value: object) -> bool:
    """Whether a stated default is a value of the field it stands at."""
    return not any(problems(Field(type_of(data)), value))
