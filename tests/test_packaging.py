"""What is declared to package managers."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_a_dependency_does_not_move_on_to_what_may_break(requirement: str) -> None:
    """Every dependency ends below the next major version, or the next minor one before 1.0."""
    found = re.fullmatch(r"[\w-]+>=(\d+)\.?[\d.]*,<(\d+)(\.\d+)?", requirement)
    assert found, f"{requirement} has no upper bound"
    least, bound, minor = found.groups()
    assert int(bound) > int(least) or (least == bound == "0" and minor)
