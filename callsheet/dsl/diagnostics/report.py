"""Everything that was found wrong with files: each problem once, with all instances that have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.source import Span
from callsheet.spec.rules.rule import Problem

Key = tuple[str, int, str, str]
"""The path and offset of a problem, its code, and its message ("" where one message stands for all)."""


@dataclass(slots=True)
class Finding:
    """A diagnostic, the instances that it is about, and where the recipe that it lies in is used."""

    diagnostic: Diagnostic
    addresses: dict[str, None] = field(default_factory=dict)
    uses: dict[tuple[Span, ...], None] = field(default_factory=dict)

    def told(self) -> Diagnostic:
        """The diagnostic with notes on where it shows."""
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
class Report:
    """Collects problems while files are read and expanded.

    files: every file whose text was read, with the sha256 of its bytes. used: where the recipe that is
    looked at is used, innermost first; empty in the pipeline itself.
    """

    found: dict[Key, Finding] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)
    used: tuple[Span, ...] = ()

    def within(self, *uses: Span) -> Report:
        """The same report, for looking into the recipe that is used at the innermost of `uses`."""
        return Report(self.found, self.files, (*uses, *self.used))

    def add(self, span: Span, problem: Problem, address: str | None = None) -> None:
        """A problem at a place of a file. address: see `include`."""
        self.include(Diagnostic(problem.code, span, problem.message, problem.help, problem.severity), address)

    def include(self, diagnostic: Diagnostic, address: str | None = None) -> None:
        """A diagnostic, be it of another report.

        address: of the instance that has it, "" for no certain one. Of such with the same code at the same
        place only the first is kept; the others are counted.
        """
        span, message = diagnostic.span, diagnostic.message if address is None else ""
        key = (str(span.source.path), span.start, diagnostic.code, message)
        finding = self.found.setdefault(key, Finding(diagnostic))
        finding.uses[self.used] = None
        if address:
            finding.addresses[address] = None

    def merge(self, other: Report) -> None:
        """Everything that another report has; of a recipe, with where it is used here."""
        self.files.update(other.files)
        for diagnostic in other.sorted():
            self.include(diagnostic)

    @property
    def failed(self) -> bool:
        """Whether there is an error; warnings do not count."""
        return any(finding.diagnostic.severity == "error" for finding in self.found.values())

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All diagnostics in the order of files and places."""
        told = [(*key[:3], finding.diagnostic.message, finding.told()) for key, finding in self.found.items()]
        return tuple(diagnostic for *_, diagnostic in sorted(told, key=lambda found: found[:4]))
