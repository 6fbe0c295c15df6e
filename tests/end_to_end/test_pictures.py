"""The picture of the terminal is what the terminal shows."""

import html
import re
import runpy
from pathlib import Path

from callsheet.emulator import Emulator

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_pictures.py"))


def lines(svg: str) -> list[str]:
    """The text of a picture, line by line, without spaces and how long things took."""
    rows: dict[float, str] = {}
    for y, text in re.findall(r"<text [^>]*y=\"([\d.]+)\"[^>]*>(.*?)</text>", svg):
        rows[float(y)] = rows.get(float(y), "") + html.unescape(text)
    shown = [re.sub(r"[\d.]+s\b|\s", "", rows[y]) for y in sorted(rows)]
    return sorted(line for line in shown if line)


def test_the_terminal_in_the_readme_is_up_to_date(provider: Emulator, hurry: None, in_folder: Path) -> None:
    kept = (ROOT / "docs" / "images" / "run.svg").read_text(encoding="utf-8")
    assert len(lines(kept)) > 10
    assert lines(SCRIPT["terminal"]()) == lines(kept)
