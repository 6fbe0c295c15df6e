"""Errors of single instances, gathered by place and kind."""

from __future__ import annotations

from dataclasses import dataclass, field

from callsheet.dsl.diagnostic import Report
from callsheet.dsl.source import Span


@dataclass(slots=True)
class Findings:
    """Errors of single instances, gathered by place and kind: the first is shown, the others counted."""

    first: dict[tuple[int, str], tuple[Span, str, str, str]] = field(default_factory=dict)
    addresses: dict[tuple[int, str], list[str]] = field(default_factory=dict)

    def add(self, code: str, span: Span, message: str, help: str, address: str) -> None:
        place = (span.start, code)
        self.first.setdefault(place, (span, message, help, code))
        self.addresses.setdefault(place, []).append(address)

    def tell(self, report: Report) -> None:
        for place, (span, message, help, code) in self.first.items():
            where = self.addresses[place]
            more = f" and {len(where) - 1} more" if len(where) > 1 else ""
            notes = (f"in {where[0]}{more}",) if where[0] else ()
            report.error(code, span, message, help, notes)
