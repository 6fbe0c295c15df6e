"""What the bounds of an annotation say of a parameter."""

from typing import Annotated, Any, NamedTuple

import pytest

from callsheet.nodes.plugins.annotation import read_field


class Ge(NamedTuple):
    ge: float


class Le(NamedTuple):
    le: float


class MaxLen(NamedTuple):
    max_length: int


@pytest.mark.parametrize(
    ("annotation", "minimum", "maximum", "longest"),
    [
        (Annotated[float, Ge(0), Le(10)], 0, 10, None),
        (Annotated[float, Le(10), Ge(0)], 0, 10, None),
        (Annotated[int, Ge(1)], 1, None, None),
        (Annotated[str, MaxLen(80)], None, None, 80),
        (float, None, None, None),
    ],
)
def test_each_bound_counts(annotation: Any, minimum: float, maximum: float, longest: int) -> None:
    field = read_field(annotation)
    assert (field.minimum, field.maximum, field.max_length) == (minimum, maximum, longest)
