"""A test that needs a program which is not here is skipped, and fails where the program has to be here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALLED = [line.split()[0] for line in (ROOT / ".ci/packages").read_text().splitlines() if line[0] != "#"]


def run(required: str) -> tuple[int, str]:
    """What pytest exits with, and says of a test that needs `melt`, where no program is found."""
    words = ["-m", "pytest", "-n", "0", "-rs", "-p", "no:cacheprovider"]
    test = "tests/runtime/export/test_mlt.py::test_its_own_engine_renders_our_film[hard cuts]"
    given = {**os.environ, "PATH": "", "CALLSHEET_REQUIRE": required, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(
        [sys.executable, *words, test], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ("", "skipped"),
        ("melt", "melt of MLT is not here"),
        ("mellt", "names mellt, which"),
    ],
)
def test_it_is_skipped_or_fails(required: str, said: str) -> None:
    code, told = run(required)
    assert said in told and (code != 0) == (required != "")


def test_what_is_installed_is_what_tests_need() -> None:
    from tests.conftest import NEEDS

    assert INSTALLED and set(INSTALLED) <= set(NEEDS)


def test_contributors_are_told_each_package() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text()
    lines = [line for line in (ROOT / ".ci/packages").read_text().splitlines() if line[0] != "#"]
    assert all(f"| `{package}` |" in told for line in lines for package in line.split()[1:])
