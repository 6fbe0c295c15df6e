"""Reads a lock file. Mistakes of people and merges are reported with their places.

pydantic is not used here: it knows no places in a YAML file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.errors import PipelineError
from callsheet.runtime.lock.fast_read import canonical
from callsheet.runtime.lock.model import Block, Lock, Made, Recipe
from callsheet.runtime.lock.write import VERSION
from callsheet.spec.regular_file import read_regular
from callsheet.spec.rules import lock as rules

T = TypeVar("T")
LARGEST: Final = 256 * 1024 * 1024
MOST_NODES: Final = 20_000_000
MOST_ERRORS: Final = 20
MOST_USD: Final = 1e9
HEX: Final = re.compile(r"[0-9a-f]{64}")
COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ANY: Final = re.compile(r".+", re.DOTALL)
MARK: Final = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( .*)?$", re.MULTILINE)
"""A conflict marker of git."""
ENTRY: Final = r"    (?:\{.*\}|\"?[0-9a-f]{40,64}\"?)"
BOTH: Final = re.compile(rf"^{ENTRY}\n{ENTRY}$", re.MULTILINE)
"""Two entries in a row, left by a merge that kept both sides."""
SECTIONS: Final = ("lock", "recipes", "endpoints", "instances")
MADE: Final = ("key", "uses", "usd", "outputs")
DECISIONS: Final = ("takes", "pick", "approved")


def read(path: Path) -> Lock:
    """The lock at `path`; an empty one when there is no file.

    Raises PipelineError with every place that does not have the form that callsheet writes.
    """
    if not path.exists():
        return Lock()
    if (known := _as_written(path)) is not None:
        return known
    report = Report()
    source = read_source(path, report, LARGEST)
    lock = parse(source, report) if source else Lock()
    if report.failed:
        raise PipelineError(report.sorted()[:MOST_ERRORS])
    return lock


def _as_written(path: Path) -> Lock | None:
    try:
        content = read_regular(path, LARGEST)
        return canonical(content.decode("utf-8")) if len(content) <= LARGEST else None
    except (OSError, ValueError):
        return None


def parse(source: Source, report: Report) -> Lock:
    """The lock in `source`. Mistakes are added to `report`, and what is wrong is left out."""
    if place := MARK.search(source.text) or BOTH.search(source.text):
        report.add(Span(source, *place.span()), rules.both_sides())
        return Lock()
    root = read_yaml(source, report, MOST_NODES)
    if root is None and report.failed:
        return Lock()
    return Reading(source, report).lock(root)


class Reading:
    """Reads one file and reports its mistakes."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report

    def lock(self, root: YamlNode | None) -> Lock:
        nowhere = Span(self.source, 0, 0)
        sections = self._map(root, SECTIONS, nowhere)
        if not sections:
            return Lock()
        self._version(sections.get("lock"), nowhere)
        return Lock(
            dict(self._entries(sections.get("recipes"), self._recipe)),
            dict(self._entries(sections.get("endpoints"), self._digest)),
            dict(self._entries(sections.get("instances"), self._block)),
        )

    def _version(self, node: YamlNode | None, nowhere: Span) -> None:
        if isinstance(node, YamlScalar) and node.value == VERSION:
            return
        self.report.add(node.span if node else nowhere, rules.other_lock_version(VERSION))

    def _entries(
        self, node: YamlNode | None, form: Callable[[YamlNode], T | None]
    ) -> Iterator[tuple[str, T]]:
        if node is None:
            return
        for name, value in self._map(node, None, node.span).items():
            if (read := form(value)) is not None:
                yield name, read

    def _recipe(self, node: YamlNode) -> Recipe | None:
        fields = self._map(node, ("commit", "tree"), node.span)
        self._require(fields, ("commit", "tree"), node)
        commit = self._text(fields, "commit", COMMIT)
        tree = self._text(fields, "tree", HEX)
        return None if commit is None or tree is None else Recipe(commit, tree)

    def _block(self, node: YamlNode) -> Block | None:
        if isinstance(node, YamlScalar) and node.value is None:
            self.report.add(node.span, rules.empty_block())
            return None
        fields = self._map(node, (*MADE, "refused", *DECISIONS), node.span)
        if not isinstance(node, YamlMap):
            return None
        made = None if fields.keys() & set(DECISIONS) == fields.keys() != set() else self._made(fields, node)
        approved = self._text(fields, "approved", HEX) or ""
        return Block(made, self._count(fields.get("takes")), self._count(fields.get("pick")), approved)

    def _made(self, fields: Mapping[str, YamlNode], node: YamlNode) -> Made | None:
        self._require(fields, MADE, node)
        key = self._text(fields, "key", HEX)
        uses = self._text(fields, "uses", ANY)
        outputs = dict(self._entries(fields.get("outputs"), self._digest))
        usd = self._usd(fields.get("usd"))
        refused = self._digests(fields.get("refused"))
        return None if key is None or uses is None else Made(key, uses, outputs, usd, refused)

    def _digests(self, node: YamlNode | None) -> tuple[str, ...]:
        if isinstance(node, YamlList):
            return tuple(digest for item in node.items if (digest := self._digest(item)))
        if node is not None:
            self._wrong(node, "a list of digests")
        return ()

    def _digest(self, node: YamlNode) -> str | None:
        if isinstance(node, YamlScalar) and HEX.fullmatch(node.text):
            return node.text
        self._wrong(node, "a digest of 64 hexadecimal digits")
        return None

    def _text(self, fields: Mapping[str, YamlNode], name: str, form: re.Pattern[str]) -> str | None:
        node = fields.get(name)
        if isinstance(node, YamlScalar) and form.fullmatch(node.text):
            return node.text
        if node is not None:
            self._wrong(node, "text" if form is ANY else "hexadecimal digits")
        return None

    def _count(self, node: YamlNode | None) -> int | None:
        if isinstance(node, YamlScalar) and type(node.value) is int and 1 <= node.value < 1_000_000:
            return node.value
        if node is not None:
            self._wrong(node, "a whole number from 1")
        return None

    def _usd(self, node: YamlNode | None) -> float | None:
        usd = node.value if isinstance(node, YamlScalar) else None
        if isinstance(node, YamlScalar) and usd is None:
            return None
        if isinstance(usd, int | float) and not isinstance(usd, bool) and 0 <= usd < MOST_USD:
            return float(usd)
        if node is not None:
            self._wrong(node, "US dollars, from 0")
        return 0.0

    def _require(self, fields: Mapping[str, YamlNode], names: tuple[str, ...], block: YamlNode) -> None:
        missing = [name for name in names if name not in fields]
        if missing and isinstance(block, YamlMap):
            self.report.add(block.span, rules.keys_missing(missing))

    def _map(self, node: YamlNode | None, names: tuple[str, ...] | None, place: Span) -> dict[str, YamlNode]:
        """The fields of a mapping. names: those that it may have, None for any."""
        if not isinstance(node, YamlMap):
            self._wrong(node, "a mapping", place)
            return {}
        for name, scalar, _ in node:
            if names is not None and name not in names:
                self.report.add(scalar.span, rules.unknown_lock_key(name, names))
        return {name: value for name, _, value in node if names is None or name in names}

    def _wrong(self, node: YamlNode | None, wanted: str, place: Span | None = None) -> None:
        span = place or (node.span if node else Span(self.source, 0, 0))
        found = describe(node) if node else "nothing"
        self.report.add(span, rules.wrong_lock_value(wanted, found))
