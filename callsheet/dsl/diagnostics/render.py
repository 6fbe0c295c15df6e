"""Diagnostics as text: path:line:col, the source line, carets, the next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.spec.harmless import harmless
from callsheet.spec.plural import plural

TAB = "    "
WINDOW = 100
Paint = Callable[..., str]
"""Takes a text and the names of styles: `bold`, `red`, `yellow`, `blue`. Gives the text in these styles."""


def unpainted(text: str, *styles: str) -> str:
    """The text as it is."""
    return text


def render(diagnostic: Diagnostic, paint: Paint = unpainted) -> str:
    """One diagnostic over several lines; carets stand under the exact span."""
    tint = "red" if diagnostic.severity == "error" else "yellow"
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", "bold", tint)
    lines = [f"{paint(diagnostic.span.place, 'bold')}: {head}: {diagnostic.message}"]
    lines += _excerpt(diagnostic, lambda carets: paint(carets, tint))
    lines += [f"  note: {note}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"  {paint('help', 'blue')}: {diagnostic.help}")
    return "\n".join(lines)


def render_all(diagnostics: Sequence[Diagnostic], paint: Paint = unpainted) -> str:
    """All diagnostics and a closing count."""
    errors = sum(d.severity == "error" for d in diagnostics)
    warnings = len(diagnostics) - errors
    counts = [plural(errors, "error")] if errors else []
    counts += [plural(warnings, "warning")] if warnings else []
    return "\n\n".join([*(render(d, paint) for d in diagnostics), ", ".join(counts)])


def _excerpt(diagnostic: Diagnostic, paint: Callable[[str], str]) -> list[str]:
    span = diagnostic.span
    if not span.source.text:
        return []
    number, column = span.source.position(span.start)
    before, marked, after = _split(span.source.line(number), column - 1, span.end - span.start)
    gutter = f"{number:>5} | "
    carets = paint(" " * width_of(before) + "^" * max(1, width_of(marked)))
    return [gutter + before + marked + after, " " * (len(gutter) - 2) + "| " + carets]


def _split(line: str, start: int, length: int) -> tuple[str, str, str]:
    """The line before, in and after the span, cropped to a window around it."""
    before, marked, after = line[:start], line[start : start + length], line[start + length :]
    if len(before) > WINDOW // 2 and len(line) > WINDOW:
        before = "…" + before[-WINDOW // 2 :]
    marked = marked[:WINDOW]
    room = max(0, WINDOW - len(before) - len(marked))
    if len(after) > room:
        after = after[:room] + "…"
    return _shown(before), _shown(marked), _shown(after)


def _shown(text: str) -> str:
    return harmless(text).replace("\t", TAB)


def width_of(text: str) -> int:
    """Terminal cells: CJK and most emoji take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
