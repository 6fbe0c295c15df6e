"""What is wrong because of an override is said at the override, not inside of the recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.report import Finding, Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.resolve.overrides import Override
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.yaml.nodes import YamlMap
from callsheet.spec.rules.document import OPTION
from callsheet.spec.rules.instances import TOO_MANY
from callsheet.spec.rules.models import DROPPED
from callsheet.spec.rules.values import RANGE

OF_TAKES: Final = (OPTION.code, TOO_MANY.code, RANGE.code)
"""The codes of what can be wrong with a number of takes."""


@dataclass(frozen=True, slots=True)
class Overridden:
    """A recipe file as it was read for a use with overrides."""

    document: Document
    overrides: Sequence[Override]

    def cause(self, diagnostic: Diagnostic) -> Override | None:
        """The override without which there would be nothing to say; None for none."""
        span, code = diagnostic.span, diagnostic.code
        name, _ = self._around(span)
        if code == DROPPED.code:
            return None  # an alternative takes over what the recipe wrote, whatever is overridden
        line, _ = span.source.position(span.start)
        texts = (span.text, span.source.line(line))
        own = [one for one in reversed(self.overrides) if one.node == name]
        used = [one for text in texts for one in self.overrides if re.search(rf"\b{one.node}\b", text)]
        changed = (one for one in (*own, *used) if one.decl.uses or one.decl.params)
        taken = (one for one in own if "takes" in one.decl.written and code in OF_TAKES)
        return next(changed, None) or next(taken, None)

    def _around(self, span: Span) -> tuple[str, str]:
        """The node that a place lies in, or "", and what it lies in, in words."""
        root = self.document.root
        for section, word in (("nodes", ""), ("outputs", "the output "), ("axes", "the axis ")):
            entries = root.get(section) if isinstance(root, YamlMap) else None
            for name, key, value in entries if isinstance(entries, YamlMap) else ():
                if key.span.start <= span.start <= value.span.end:
                    return ("" if word else name), f"{word}`{name}`"
        return "", ""

    def moved(self, diagnostic: Diagnostic, cause: Override) -> Diagnostic:
        """The diagnostic at the override that causes it, naming what it is about inside."""
        name, where = self._around(diagnostic.span)
        path = "/".join(cause.decl.path)
        inside = f"`{path}`" if name == cause.node else f"{where}, which uses `{path}`"
        return replace(
            diagnostic,
            span=cause.decl.place,
            message=f"in {inside}: {diagnostic.message}",
            notes=(*diagnostic.notes, f"in {diagnostic.span.place}"),
        )


def point_at_overrides(report: Report, files: Mapping[Source, Overridden]) -> None:
    """Move what is wrong because of an override to its place. files: those that were read with overrides."""
    for key, finding in list(report.found.items()) if files else ():
        file = files.get(finding.diagnostic.span.source)
        cause = file.cause(finding.diagnostic) if file else None
        if file is None or cause is None:
            continue
        d = file.moved(finding.diagnostic, cause)
        del report.found[key]
        now = (str(d.span.source.path), d.span.start, d.code, d.message)
        report.found.setdefault(now, Finding(d, finding.addresses))
