"""What is wrong with a file, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callsheet.dsl.diagnostics.source import Span
from callsheet.spec.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from callsheet.spec.json_documents import DiagnosticJson


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is stable; `help` is the next step; `notes` say where it shows."""

    code: str
    span: Span
    message: str
    help: str = ""
    severity: Severity = "error"
    notes: tuple[str, ...] = ()

    def to_json(self) -> DiagnosticJson:
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


class RuleBroken(Exception):
    """What was being made cannot be: `problem` says why, `span` where."""

    def __init__(self, span: Span, problem: Problem) -> None:
        super().__init__(problem.message)
        self.span, self.problem = span, problem
