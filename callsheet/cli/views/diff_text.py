"""Differences for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callsheet.cli.views.cut import BELOW, USES, cut
from callsheet.cli.views.diff_summary import Row, order, rows, run_row, run_summary, summary
from callsheet.cli.views.wording import printable, short
from callsheet.dsl.diagnostics.render import width_of
from callsheet.runtime.diff.changes import AxisChange, Changes
from callsheet.runtime.diff.runs import RunChanges
from callsheet.runtime.diff.text_diff import Difference


def as_text(changes: Changes, verbose: bool = False, columns: int | None = None) -> str:
    """A row for each node, or with `verbose` for each instance with the words that changed. columns: of the
    terminal, None to cut nothing."""
    lines = [printable(f"{changes.pipeline}: {changes.old} → {changes.new}")]
    if changes.moved_from:
        lines.append(printable(f"moved from {changes.moved_from}"))
    if changes.instances:
        lines += ["", *_table(rows(changes, each=verbose), None if verbose else columns)]
    about = [*map(_axis, changes.axes), *changes.settings, *(f"! {shot}" for shot in changes.too_short)]
    if about:
        lines += ["", *(f"  {printable(line)}" for line in about)]
    if verbose:
        lines += _words(changes)
    return "\n".join([*lines, "", summary(changes)])


def runs_as_text(changes: RunChanges, columns: int | None = None) -> str:
    lines = [f"{changes.old} ({changes.status[0] or 'open'}) → {changes.new} ({changes.status[1] or 'open'})"]
    if changes.calls:
        lines += ["", *_table([run_row(call) for call in changes.calls], columns)]
    return "\n".join([*lines, "", run_summary(changes)])


def _table(found: Sequence[Row], columns: int | None) -> Iterator[str]:
    """The rows with their cells under each other; a reason that does not fit beside them stands below."""
    cells = [_cells(row, columns) for row in found]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for name, count, uses, cost, why in cells:
        row = f"  {name:<{widths[0]}}  {count:>{widths[1]}}  {uses:<{widths[2]}}  {cost:>{widths[3]}}"
        if columns is None or width_of(row) + 2 + width_of(why) <= columns:
            yield f"{row}  {why}".rstrip()
            continue
        yield row.rstrip()
        yield f"{BELOW}{cut(why, columns - len(BELOW))}"


def _cells(row: Row, columns: int | None) -> tuple[str, str, str, str, str]:
    """columns: where they are few, a model is named without its provider."""
    count = f"×{row.count}" if row.count > 1 else ""
    why = printable(row.why) + (", …" if row.several else "")
    uses = row.uses if columns is None else cut(short(row.uses), USES)
    return f"{row.mark} {printable(row.name)}", count, uses, row.cost, why


def _axis(axis: AxisChange) -> str:
    parts = [f"+ {order(axis.added)}"] if axis.added else []
    parts += [f"- {order(axis.removed)}"] if axis.removed else []
    parts += [f"now in the order {order(axis.order)}"] if axis.order else []
    return f"axis {axis.name}: {'; '.join(parts)}"


def _words(changes: Changes) -> list[str]:
    lines = []
    for change in changes.instances:
        if len(change.differences) > 1 or any(d.words for d in change.differences):
            lines += ["", f"  {printable(change.address)}"]
            lines += [f"    {printable(line)}" for line in map(in_words, change.differences)]
    return lines


def in_words(difference: Difference) -> str:
    """`prompt: a harbour at [-dusk-]{+dawn+}`, or the reason, where the values are no texts."""
    if not difference.words:
        return difference.reason
    marked = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return f"{difference.place}: " + "".join(marked[mark].format(text) for mark, text in difference.words)
