"""What the bounds of an annotation say of a parameter."""

from typing import Annotated, Any

import pytest

from callsheet.nodes.plugins.annotation import Unchecked, read_field
from callsheet.spec.types import LIMITS


class Note:
    """A note as `annotated-types` has them: `Ge(0)` has `ge`; `Interval` has four, some of them None."""

    def __init__(self, **bounds: object) -> None:
        vars(self).update(bounds)


BOTH = Note(ge=0, gt=None, le=1, lt=None)
LENGTH = Note(min_length=0, max_length=80)


@pytest.mark.parametrize(
    ("annotation", "limits"),
    [
        (Annotated[float, Note(ge=0), Note(le=10)], {"minimum": 0, "maximum": 10}),
        (Annotated[float, Note(le=10), Note(ge=0)], {"minimum": 0, "maximum": 10}),
        (Annotated[float, Note(ge=0), Note(ge=5), Note(le=9), Note(le=20)], {"minimum": 5, "maximum": 9}),
        (Annotated[float, BOTH, "a text"], {"minimum": 0, "maximum": 1}),
        (Annotated[float, BOTH] | None, {"minimum": 0, "maximum": 1}),
        (Annotated[float | None, BOTH], {"minimum": 0, "maximum": 1}),
        (Annotated[int, Note(gt=0), Note(lt=5)], {"minimum": 1, "maximum": 4}),
        (Annotated[float, Note(gt=0), Note(lt=5)], {"min_exclusive": 0, "max_exclusive": 5}),
        (Annotated[float, Note(gt=0), Note(ge=0.5)], {"min_exclusive": 0, "minimum": 0.5}),
        (Annotated[int, Note(gt=0.5)], {"min_exclusive": 0.5}),
        (Annotated[str, LENGTH], {"max_length": 80}),
        (Annotated[str, Note(min_length=3), Note(max_length=5)], {"min_length": 3, "max_length": 5}),
        (Annotated[list[str], Note(min_length=2, max_length=4)], {"min_items": 2, "max_items": 4}),
        (float, {}),
        (float | None, {}),
    ],
)
def test_each_bound_counts(annotation: Any, limits: dict[str, float]) -> None:
    field = read_field(annotation)
    assert {name: getattr(field, name) for name in LIMITS if getattr(field, name) is not None} == limits


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[float, Note(multiple_of=8)],
        Annotated[float, Note()],
        Annotated[str, Note(ge=3)],
        Annotated[int, Note(func=bool)],
        list[Annotated[int, Note(ge=0)]],
        Annotated[int, Note(ge=0)] | str,
    ],
)
def test_a_bound_that_nothing_would_check_is_refused(annotation: Any) -> None:
    with pytest.raises(Unchecked):
        read_field(annotation)
