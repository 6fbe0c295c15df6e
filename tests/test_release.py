"""What stands in several places agrees: versions, Pythons, the changelog."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
import yaml

import callsheet

ROOT = Path(__file__).parents[1]
NOTES = runpy.run_path(str(ROOT / "scripts" / "release_notes.py"))["notes"]
CHANGELOG = """# Changelog

## [Unreleased]

### Fixed

- A later one.

## [0.2.0] - 2026-12-01

### Added

- A film.

## [0.1.0]

- Something.
"""


def test_the_notes_of_a_release_are_its_section() -> None:
    assert NOTES("v0.2.0", "0.2.0", CHANGELOG) == "### Added\n\n- A film.\n"


@pytest.mark.parametrize(
    ("tag", "version", "message"),
    [
        ("v0.2.1", "0.2.0", "tag v0.2.0, or change the file"),
        ("0.2.0", "0.2.0", "tag v0.2.0"),
        ("v0.1.0", "0.1.0", "needs a date"),
        ("v0.3.0", "0.3.0", "has no section"),
    ],
)
def test_a_release_needs_tag_version_and_changelog(tag: str, version: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NOTES(tag, version, CHANGELOG)


def test_the_version_stands_in_one_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "callsheet/_version.py"
    found = [
        path.name
        for path in (ROOT / "callsheet").rglob("*.py")
        if f'"{callsheet.__version__}"' in path.read_text(encoding="utf-8")
    ]
    assert found == ["_version.py"]


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


FLOW = yaml.load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"), yaml.BaseLoader)


def test_hosted_ci_runs_the_portable_tests_elsewhere_and_with_the_oldest_libraries() -> None:
    assert FLOW["jobs"]["test"]["strategy"]["matrix"]["system"] == [
        "ubuntu-latest",
        "macos-latest",
        "windows-latest",
    ]
    elsewhere = "${{ matrix.system != 'ubuntu-latest' && '-m portable' || '' }}"
    assert FLOW["jobs"]["test"]["steps"][-1]["run"].endswith(elsewhere)
    *_, installed, tested = (step["run"] for step in FLOW["jobs"]["oldest"]["steps"] if "run" in step)
    assert installed.endswith("$(python scripts/oldest.py)") and tested.endswith("-m portable")


def test_hosted_ci_tries_every_python_that_is_classified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    classified = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert FLOW["jobs"]["test"]["strategy"]["matrix"]["python"] == classified
    assert project["requires-python"] == f">={classified[0]}"
