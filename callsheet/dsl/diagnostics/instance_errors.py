"""What is wrong with single instances, and inside of recipes: said once, with where it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from callsheet.dsl.diagnostics.diagnostic import Diagnostic, Report
from callsheet.dsl.diagnostics.source import Span

Place = tuple[Path, int, str, str]


@dataclass(slots=True)
class Finding:
    """The first of its kind at one place of a file, and everywhere that it shows."""

    diagnostic: Diagnostic
    addresses: dict[str, None] = field(default_factory=dict)
    uses: dict[tuple[Span, ...], None] = field(default_factory=dict)

    def told(self) -> Diagnostic:
        d = self.diagnostic
        return replace(d, notes=(*d.notes, *self._notes()))

    def _notes(self) -> Iterator[str]:
        if self.addresses:
            yield _first("in", list(self.addresses), "")
        if uses := [chain for chain in self.uses if chain]:
            yield _first("used at", [", ".join(span.place for span in chain) for chain in uses], " places")


def _first(word: str, places: list[str], what: str) -> str:
    more = len(places) - 1
    return f"{word} {places[0]}" + (f" and {more} more{what if more > 1 else what[:-1]}" if more else "")


@dataclass(slots=True)
class Findings:
    """Errors gathered by place and kind: the first is shown, the others counted.

    used: where the recipe is used that is looked at, innermost first; empty in the pipeline itself. files:
    what recipes and their lists were read from, as in `Report`.
    """

    found: dict[Place, Finding] = field(default_factory=dict)
    used: tuple[Span, ...] = ()
    files: dict[Path, str] = field(default_factory=dict)

    def within(self, *uses: Span) -> Findings:
        """The same findings, for looking into what is used at the innermost of `uses`."""
        return Findings(self.found, (*uses, *self.used), self.files)

    def add(self, code: str, span: Span, message: str, help: str, address: str) -> None:
        """An error of one instance; of several at a place, the first is shown."""
        self._add((span.source.path, span.start, code, ""), Diagnostic(code, span, message, help), address)

    def repeat(self, report: Report) -> None:
        """What is wrong with the recipe that is used here."""
        self.files.update(report.files)
        for d in report.sorted():
            self._add((d.span.source.path, d.span.start, d.code, d.message), d)

    def _add(self, place: Place, diagnostic: Diagnostic, address: str = "") -> None:
        finding = self.found.setdefault(place, Finding(diagnostic))
        finding.uses[self.used] = None
        if address:
            finding.addresses[address] = None

    @property
    def failed(self) -> bool:
        return any(f.diagnostic.severity == "error" for f in self.found.values())

    def diagnostics(self) -> list[Diagnostic]:
        return [finding.told() for finding in self.found.values()]

    def tell(self, report: Report) -> None:
        report.files.update(self.files)
        for diagnostic in self.diagnostics():
            report.include(diagnostic)
