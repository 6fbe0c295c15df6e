"""Diagnostics as text: path:line:col, the source line, carets, the next step."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.dsl.diagnostics.diagnostic import Diagnostic

TAB = "    "
WINDOW = 100
RED, YELLOW, BLUE, BOLD, RESET = "\033[31m", "\033[33m", "\033[34m", "\033[1m", "\033[0m"


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """One diagnostic over several lines; carets stand under the exact span."""
    tint = RED if diagnostic.severity == "error" else YELLOW
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    place = diagnostic.span.place
    if color:
        head, place = f"{BOLD}{tint}{head}{RESET}", f"{BOLD}{place}{RESET}"
    lines = [f"{place}: {head}: {diagnostic.message}"]
    lines += _excerpt(diagnostic, tint if color else "")
    lines += [f"  note: {note}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"  {BLUE}help{RESET}: {diagnostic.help}" if color else f"  help: {diagnostic.help}")
    return "\n".join(lines)


def render_all(diagnostics: Sequence[Diagnostic], color: bool = False) -> str:
    """All diagnostics and a closing count."""
    errors = sum(d.severity == "error" for d in diagnostics)
    warnings = len(diagnostics) - errors
    counts = [_count(errors, "error")] if errors else []
    counts += [_count(warnings, "warning")] if warnings else []
    return "\n\n".join([*(render(d, color) for d in diagnostics), ", ".join(counts)])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _excerpt(diagnostic: Diagnostic, tint: str) -> list[str]:
    span = diagnostic.span
    if not span.source.text:
        return []
    number, column = span.source.position(span.start)
    before, marked, after = _split(span.source.line(number), column - 1, span.end - span.start)
    gutter = f"{number:>5} | "
    carets = " " * width_of(before) + "^" * max(1, width_of(marked))
    if tint:
        carets = f"{tint}{carets}{RESET}"
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
    return before.replace("\t", TAB), marked.replace("\t", TAB), after.replace("\t", TAB)


def width_of(text: str) -> int:
    """Terminal cells: CJK and most emoji take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
