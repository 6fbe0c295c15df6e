"""What several pages need: parts made in pages written by hand, and text that stays text in Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def filled(page: str, parts: Mapping[str, str]) -> str:
    """The text of `page`, with each part between `<!-- NAME -->` and `<!-- /NAME -->`.

    Raises ValueError when a place is missing or there twice.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        text, count = place.subn(lambda _, whole=f"{begin}\n{part}\n{end}": whole, text)
        if count != 1:
            raise ValueError(f"{page} has {count} places for {name}")
    return text


def escaped(text: str) -> str:
    """`text` with what Markdown would take for markup, outside of backticks."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if i % 2 else re.sub(r"([<*])", r"\\\1", piece) for i, piece in enumerate(pieces))


def cell(text: str) -> str:
    """`text` for a cell of a table, where a bar must not end it, even in backticks."""
    return escaped(text).replace("|", "\\|")


def leads_on(*links: tuple[str, str, str]) -> str:
    """The last section of a page: where a reader goes next. links: the title, path and use of each page."""
    return "\n".join(["## Next\n", *(f"- [{title}]({path}): {use}" for title, path, use in links), ""])
