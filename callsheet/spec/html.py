"""A small HTML table, for values that show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

MOST_ROWS: Final = 30

Row = Sequence[str]


def table(title: str, headings: Row, rows: Sequence[Row], note: str = "") -> str:
    """An HTML table of texts, each escaped. rows: only the first are shown. note: a line below the table."""
    shown = [_row("td", row) for row in rows[:MOST_ROWS]]
    more = f"and {len(rows) - MOST_ROWS:,} more" if len(rows) > MOST_ROWS else ""
    below = "<br>".join(escape(text) for text in (more, note) if text)
    return "".join(
        (
            f"<table><caption>{escape(title)}</caption>",
            f"<thead>{_row('th', headings)}</thead><tbody>{''.join(shown)}</tbody></table>",
            f"<p>{below}</p>" if below else "",
        )
    )


def _row(tag: str, cells: Row) -> str:
    return f"<tr>{''.join(_cells(tag, cells))}</tr>"


def _cells(tag: str, cells: Row) -> Iterator[str]:
    return (f'<{tag} style="text-align: left">{escape(cell)}</{tag}>' for cell in cells)
