"""What docs/emulator.md shows works, and its lists are complete."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.yaml.nodes import to_data
from callsheet.dsl.yaml.reader import read_yaml
from callsheet.emulator.faults.fault import FIELDS, PLACES
from callsheet.emulator.faults.kinds import KINDS
from callsheet.emulator.settings import Settings, settings_from

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/emulator.md").read_text(encoding="utf-8")
TESTS = re.findall(r"<!-- test -->\n```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", TESTS, ids=range(len(TESTS)))
def test_the_tests_on_the_page_pass(text, tmp_path):
    (tmp_path / "test_shown.py").write_text(text, encoding="utf-8")
    alone = ["-p", "no:cacheprovider", "--basetemp", str(tmp_path / "own")]
    command = [sys.executable, "-m", "pytest", "-q", *alone, "test_shown.py"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout


def test_the_settings_on_the_page_are_all_of_them():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    report = Report()
    data = to_data(read_yaml(Source(Path("page.yaml"), text), report))
    assert not report.failed and settings_from(data).faults[0].nth == 3
    assert set(data) == set(Settings.model_fields)


def test_every_fault_is_on_the_page():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (yes|no) \| (.*) \|$", PAGE, re.MULTILINE)
    assert [(name, KINDS[name].place, KINDS[name].about) for name, *_ in rows if name in KINDS] == [
        (name, kind.place, kind.about) for name, kind in KINDS.items()
    ]
    assert {name: taken == "yes" for name, _, taken, _ in rows if name in KINDS} == {
        name: kind.accepted for name, kind in KINDS.items()
    }


def test_every_place_and_option_is_on_the_page():
    for place in PLACES:
        assert f"`{place}`" in PAGE
    for option in FIELDS - {"kind", "on"}:
        assert f"`{option}=" in PAGE
