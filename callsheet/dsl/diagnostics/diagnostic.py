"""What is wrong with a file, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from callsheet.dsl.diagnostics.rules import CODES
from callsheet.dsl.diagnostics.source import Span
from callsheet.spec.rules.rule import Problem, Severity


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is stable; `help` is the next step; `notes` say where it shows."""

    code: str
    span: Span
    message: str
    help: str = ""
    severity: Severity = "error"
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Lines and columns start at 1; the end column is exclusive."""
        line, column = self.span.source.position(self.span.start)
        end_line, end_column = self.span.source.position(self.span.end)
        return {
            "code": self.code,
            "severity": self.severity,
            "path": str(self.span.source.path),
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "message": self.message,
            "help": self.help,
            "notes": list(self.notes),
        }


@dataclass(slots=True)
class Report:
    """Collects diagnostics while files are read; one per place, code and message.

    files: every file whose text was read, with the sha256 of its bytes.
    """

    found: dict[tuple[str, int, str, str], Diagnostic] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)

    def add(self, span: Span, problem: Problem) -> None:
        """A problem at a place of a file."""
        self.include(Diagnostic(problem.code, span, problem.message, problem.help, problem.severity))

    def error(self, code: str, span: Span, message: str, help: str = "") -> None:
        self.include(Diagnostic(code, span, message, help, "error"))

    def warn(self, code: str, span: Span, message: str, help: str = "") -> None:
        self.include(Diagnostic(code, span, message, help, "warning"))

    def include(self, diagnostic: Diagnostic) -> None:
        assert diagnostic.code in CODES, f"undocumented code {diagnostic.code}"
        place = (str(diagnostic.span.source.path), diagnostic.span.start)
        self.found.setdefault((*place, diagnostic.code, diagnostic.message), diagnostic)

    def merge(self, other: Report) -> None:
        self.files.update(other.files)
        for diagnostic in other.found.values():
            self.include(diagnostic)

    @property
    def failed(self) -> bool:
        return any(d.severity == "error" for d in self.found.values())

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All findings in file order."""
        return tuple(d for _, d in sorted(self.found.items(), key=lambda item: item[0]))
