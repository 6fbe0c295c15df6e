"""What the guide, the tutorials and the how-tos say to type prints what they show."""

import re
import runpy
from pathlib import Path

import pytest
import yaml

from callsheet.emulator import Emulator

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "type_pages.py"))
PAGES: dict[str, Path] = SCRIPT["pages"]()


@pytest.mark.usefixtures("hurry", "small_previews")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_is_printed(
    name: str, provider: Emulator, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in SCRIPT["surroundings"](provider, in_folder).items():
        monkeypatch.setenv(variable, value)
    page = PAGES[name].read_text(encoding="utf-8")
    assert SCRIPT["typed"](page, provider) == page


def test_every_tutorial_and_nearly_every_how_to_is_typed() -> None:
    found = {
        path.stem for name in ("tutorials", "howto") for path in (ROOT / "docs" / name).glob("[a-z]*.md")
    }
    assert found - set(PAGES) == {"docker"}, "what cannot be typed here"
    assert PAGES["guide"].read_text(encoding="utf-8").count("\n$ ") > 20


def test_the_first_film_is_the_one_that_init_writes() -> None:
    page = PAGES["guide"].read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    written = ROOT / "callsheet" / "runtime" / "template" / "film.yaml"
    assert yaml.safe_load(shown) == yaml.safe_load(written.read_text(encoding="utf-8"))


@pytest.mark.parametrize("same", ["made in 2.0s", "about 1m 31s", "key 45bda46d5e95", "a  b"])
def test_only_what_passes_is_left_out_of_the_comparison(same: str) -> None:
    lasting = SCRIPT["lasting"]
    assert lasting(same) == lasting(same.translate(str.maketrans("01345", "98765")).replace("  ", " "))
    assert lasting(f"{same} for $0.06") != lasting(f"{same} for $0.07")
