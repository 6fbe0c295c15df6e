"""Many small values as JSON: the same bytes as `json.dumps`, whatever the form."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.spec import json_writer as writers
from callsheet.spec.json_writer import json_writer

FORMS: list[dict[str, Any]] = [
    {},
    {"ensure_ascii": False},
    {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False, "allow_nan": False},
    {"default": str, "ensure_ascii": False},
]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner)
)


@pytest.mark.parametrize("form", FORMS)
@given(value=VALUES)
def test_it_writes_what_dumps_writes(form: dict[str, Any], value: object) -> None:
    assert json_writer(**form)(value) == json.dumps(value, **form)


def test_what_json_has_no_form_for() -> None:
    assert json_writer(default=str)({"path": Path("a")}) == '{"path": "a"}'
    with pytest.raises(TypeError, match=r"PosixPath|WindowsPath"):
        json_writer()([Path("a")])
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_writer(allow_nan=False)(math.nan)
    write = json_writer(allow_nan=False)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write([{"a": math.inf}])
    assert write([{"a": 1}]) == '[{"a": 1}]'


def test_a_python_without_its_part_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers.json.encoder, "c_make_encoder", None)
    assert json_writer(sort_keys=True)({"b": 1, "a": [2.5]}) == '{"a": [2.5], "b": 1}'
