"""The pages that are made from the code are what the code says."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "document.py"))


@pytest.mark.parametrize("name", SCRIPT["PAGES"])
def test_a_page_is_up_to_date(name: str) -> None:
    found = [path.name for path, _ in SCRIPT["outdated"]([name])]
    assert not found, f"run python scripts/document.py {name}"
