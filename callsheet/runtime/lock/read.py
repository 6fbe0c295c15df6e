"""Reads the lines of a lock file, of version 2 or 1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.errors import PipelineError
from callsheet.runtime.lock import version_1
from callsheet.runtime.lock.fast_read import quick
from callsheet.runtime.lock.fields import MADE, Fields
from callsheet.runtime.lock.lines import Decided, Line, Pin, Result, Schema, Section, Writer
from callsheet.runtime.lock.model import Decision, DecisionKind, Recipe
from callsheet.runtime.lock.write import VERSION
from callsheet.spec.regular_file import read_regular
from callsheet.spec.rules import lock as rules

LARGEST: Final = 512 * 1024 * 1024
"""Bytes of a lock file at most."""
MOST_NODES: Final = 20_000_000
"""YAML nodes of a lock file at most."""
MOST_ERRORS: Final = 20
"""Mistakes that are shown at most."""
MARK: Final = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( .*)?\r?$", re.MULTILINE)
"""A conflict marker of git."""
ENTRY: Final = r"    (?:\{.*\}|\"?[0-9a-f]{40,64}\"?)"
BOTH: Final = re.compile(rf"^{ENTRY}\n{ENTRY}$", re.MULTILINE)
"""Two entries of version 1 in a row, left by a merge that kept both sides."""
SAID: Final = ("by", "at", "note")
DECISION: Final = ("in", "number", "digest", "key", *SAID)
NEEDED: Final[Mapping[DecisionKind, tuple[str, ...]]] = {
    "takes": ("number",),
    "pick": ("number",),
    "approve": ("digest",),
    "reject": ("digest", "key"),
}
FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "made": ("in", "made", *MADE, "refused"),
    **{kind: (kind, *DECISION) for kind in get_args(DecisionKind)},
    "recipe": ("recipe", "commit", "tree", "by", "at"),
    "endpoint": ("endpoint", "schema"),
    "section": ("section", "inputs"),
    "callsheet": ("callsheet",),
}
"""What a line is about → the keys that it may have."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a lock file says. version: of its form; 0 when there is no file."""

    version: int = 0
    lines: tuple[Line, ...] = ()


def read(path: Path) -> Content:
    """What the lock file at `path` says.

    Raises PipelineError with every place that does not have the form that callsheet writes.
    """
    if not path.exists():
        return Content()
    if (known := _as_written(path)) is not None:
        return known
    report = Report()
    source = read_source(path, report, LARGEST, marks=True)
    content = parse(source, report) if source else Content()
    if report.failed:
        raise PipelineError(report.sorted()[:MOST_ERRORS])
    return content


def _as_written(path: Path) -> Content | None:
    try:
        content = read_regular(path, LARGEST)
        return canonical(content.decode("utf-8")) if len(content) <= LARGEST else None
    except (OSError, ValueError):
        return None


def canonical(text: str) -> Content | None:
    """What a text says that is as callsheet writes it, or as git merged such texts; None for any other."""
    for version, reader in ((VERSION, quick), (1, version_1.quick)):
        if (lines := reader(text)) is not None:
            return Content(version, tuple(lines))
    return None


def parse(source: Source, report: Report) -> Content:
    """What the lock in `source` says. Mistakes are added to `report`, and what is wrong is left out."""
    if mark := MARK.search(source.text) or BOTH.search(source.text):
        report.add(Span(source, *mark.span()), rules.both_sides())
        return Content()
    root = read_yaml(source, report, MOST_NODES)
    if root is None and report.failed:
        return Content()
    version = root.get("lock") if isinstance(root, YamlMap) else None
    number = version.value if isinstance(version, YamlScalar) and type(version.value) is int else None
    nowhere = Span(source, 0, 0)
    if number == 1:
        old = version_1.Reading(source, report)
        return Content(1, tuple(old.lines(old.map(root, version_1.SECTIONS, nowhere))))
    if number is not None and number > VERSION:
        report.add(version.span if version else nowhere, rules.newer_lock(number, VERSION))
        return Content()
    reading = Reading(source, report)
    fields = reading.map(root, ("lock", "lines"), nowhere)
    if fields and number != VERSION:
        report.add(version.span if version else nowhere, rules.other_lock_version(VERSION))
        return Content()
    return Content(VERSION, tuple(reading.lines(fields.get("lines"))))


class Reading(Fields):
    """Reads one file of version 2 as YAML, and reports its mistakes."""

    def lines(self, node: YamlNode | None) -> Iterator[Line]:
        """Every line that has the right form."""
        if isinstance(node, YamlList):
            for item in node.items:
                if (line := self._line(item)) is not None:
                    yield line
        elif node is not None and not (isinstance(node, YamlScalar) and node.value is None):
            self.wrong(node, "a list of lines")

    def _line(self, node: YamlNode) -> Line | None:
        if not isinstance(node, YamlMap):
            self.wrong(node, "a mapping")
            return None
        about = next((form for form in FORMS if node.get(form) is not None), None)
        if about is None:
            self.report.add(node.span, rules.line_about_nothing(tuple(FORMS)))
            return None
        fields = self.map(node, FORMS[about], node.span)
        return self._of(about, fields, node)

    def _of(self, about: str, fields: Mapping[str, YamlNode], node: YamlNode) -> Line | None:
        name = self.text(fields[about])
        if name is None:
            return None
        section = self.optional(fields.get("in"), self.text) or ""
        match about:
            case "made":
                made = self.made(fields, node)
                return None if made is None else Result(section, name, made)
            case "recipe":
                return self._pin(name, fields, node)
            case "endpoint":
                digest = self.digest(fields["schema"]) if self.require(fields, ("schema",), node) else None
                return None if digest is None else Schema(name, digest)
            case "section":
                return Section(name, self.texts(fields.get("inputs")))
            case "callsheet":
                return Writer(name)
        decision = self._decision(about, fields, node)
        return None if decision is None else Decided(section, name, decision)

    def _pin(self, uses: str, fields: Mapping[str, YamlNode], node: YamlNode) -> Pin | None:
        self.require(fields, ("commit", "tree"), node)
        commit, tree = self.commit(fields.get("commit")), self.optional(fields.get("tree"), self.digest)
        by, at = (self.optional(fields.get(name), self.text) or "" for name in ("by", "at"))
        return None if commit is None or tree is None else Pin(uses, Recipe(commit, tree, by, at))

    def _decision(self, about: str, fields: Mapping[str, YamlNode], node: YamlNode) -> Decision | None:
        kind = next(kind for kind in get_args(DecisionKind) if kind == about)
        if not self.require(fields, NEEDED[kind], node):
            return None
        number = self.count(fields.get("number")) or 0
        digest, key = (self.optional(fields.get(name), self.digest) or "" for name in ("digest", "key"))
        by, at, note = (self.optional(fields.get(name), self.text) or "" for name in SAID)
        complete = all({"number": number, "digest": digest, "key": key}[name] for name in NEEDED[kind])
        return Decision(kind, number, digest, key, by, at, note) if complete else None
