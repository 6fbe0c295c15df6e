"""examples/README.md: picture, price and time of each example; the latter two from its plan."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from contextlib import chdir, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pages._parts import ROOT

from callsheet.cli.main import main

PAGE: Final = "examples/README.md"
IMAGES: Final = "docs/images/examples"
ROW: Final = re.compile(
    r"^\|[^|]*\| (?P<said>\[\w+\]\((?P<film>[\w/]+/film\.yaml)\) \| .* \| ●+ \|)[^|]*\|[^|]*\|$", re.MULTILINE
)


def picture_of(film: str) -> str:
    """The picture of a film, from the root of the repository. film: its path below examples/. Made by
    scripts/make_example_pictures.py."""
    *folders, _ = Path(film).parts
    return f"{IMAGES}/{'-'.join(name for name in folders if name != 'films')}.jpg"


def files() -> Mapping[str, str]:
    """The page, by its path."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    with TemporaryDirectory() as empty, chdir(empty):
        return {PAGE: ROW.sub(_row, text)}


def _row(row: re.Match[str]) -> str:
    picture = f"![moments of its preview](../{picture_of(row['film'])})"
    return f"| {picture} | {row['said']} {_price_and_time(row['film'])} |"


def _price_and_time(film: str) -> str:
    """What a first run costs, in an empty folder, and how long it takes."""
    said = io.StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        main(["plan", str(ROOT / "examples" / film), "--json"])
    plan = json.loads(said.getvalue())
    return f"{_price(plan['usd'])} | {_time(plan['time']['seconds'])}"


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"


def _price(usd: Mapping[str, Any]) -> str:
    low, high, calls = usd["low"], usd["high"], usd["unpriced"]
    known = f"${low:,.2f}" + (f" to ${high:,.2f}" if high is not None and high > low else "")
    if not calls:
        return known
    unknown = f"{calls} {'call' if calls == 1 else 'calls'} without a known price"
    return f"{known} and {unknown}" if low else unknown
