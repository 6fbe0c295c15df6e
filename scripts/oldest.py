"""The oldest version of each library that callsheet allows, as pip takes it.

pip install -e '.[test]' $(python scripts/oldest.py)
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[1] / "pyproject.toml"
BOUND: Final = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9][0-9.]*)")


def oldest(project: Path = PROJECT) -> list[str]:
    """`pydantic==2.10` and so on. Raises ValueError for a dependency without a lower bound."""
    found = []
    for dependency in tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"]:
        bound = BOUND.match(dependency)
        if bound is None:
            raise ValueError(f"{dependency} has no lower bound")
        found.append(f"{bound[1]}=={bound[2]}")
    return found


if __name__ == "__main__":
    print(*oldest())
