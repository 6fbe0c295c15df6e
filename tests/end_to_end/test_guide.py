"""What the guide says to type prints what the guide shows."""

import re
import runpy
from pathlib import Path

import pytest
import yaml

from callsheet.emulator import Emulator

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "type_guide.py"))


def test_the_guide_is_what_is_printed(
    provider: Emulator, hurry: None, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SCRIPT["surroundings"](provider, in_folder).items():
        monkeypatch.setenv(name, value)
    page = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    assert page.count("\n$ ") > 20
    assert SCRIPT["typed"](page) == page


def test_the_first_film_is_the_one_that_init_writes() -> None:
    page = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    written = ROOT / "callsheet" / "runtime" / "template" / "film.yaml"
    assert yaml.safe_load(shown) == yaml.safe_load(written.read_text(encoding="utf-8"))


@pytest.mark.parametrize("same", ["made in 2.0s", "about 1m 31s", "key 45bda46d5e95", "a  b"])
def test_only_what_passes_is_left_out_of_the_comparison(same: str) -> None:
    lasting = SCRIPT["lasting"]
    assert lasting(same) == lasting(same.translate(str.maketrans("01345", "98765")).replace("  ", " "))
    assert lasting(f"{same} for $0.06") != lasting(f"{same} for $0.07")
