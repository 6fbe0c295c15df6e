"""Reads the values of a lock file from YAML. Mistakes of people and merges are reported with their places.

pydantic is not used here: it knows no places in a YAML file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.runtime.lock.model import Made
from callsheet.spec.rules import lock as rules

T = TypeVar("T")
MOST_USD: Final = 1e9
"""USD; a price in a lock file is less."""
LONGEST: Final = 10_000
"""Characters of a text at most."""
HEX: Final = re.compile(r"[0-9a-f]{64}")
COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
MADE: Final = ("key", "uses", "usd", "outputs")


class Fields:
    """Reads values of one file and reports its mistakes. What is wrong is None or left out."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report

    def entries(self, node: YamlNode | None, form: Callable[[YamlNode], T | None]) -> Iterator[tuple[str, T]]:
        """The entries of a mapping with any names."""
        if node is None:
            return
        for name, value in self.map(node, None, node.span).items():
            if (read := form(value)) is not None:
                yield name, read

    def made(self, fields: Mapping[str, YamlNode], node: YamlNode) -> Made | None:
        """A result."""
        self.require(fields, MADE, node)
        key = self.optional(fields.get("key"), self.digest)
        uses = self.optional(fields.get("uses"), self.text)
        outputs = dict(self.entries(fields.get("outputs"), self.digest))
        usd = self._usd(fields.get("usd"))
        refused = self._digests(fields.get("refused"))
        return None if key is None or uses is None else Made(key, uses, outputs, usd, refused)

    def optional(self, node: YamlNode | None, form: Callable[[YamlNode], T | None]) -> T | None:
        """A value that need not be there."""
        return None if node is None else form(node)

    def digest(self, node: YamlNode) -> str | None:
        """64 hexadecimal digits."""
        return self._matching(node, HEX, "a digest of 64 hexadecimal digits")

    def commit(self, node: YamlNode | None) -> str | None:
        """The hash of a commit."""
        return None if node is None else self._matching(node, COMMIT, "hexadecimal digits")

    def text(self, node: YamlNode) -> str | None:
        """Text that is not empty."""
        if isinstance(node, YamlScalar) and 0 < len(node.text) <= LONGEST:
            return node.text
        self.wrong(node, "text")
        return None

    def texts(self, node: YamlNode | None) -> tuple[str, ...]:
        """A list of texts."""
        if isinstance(node, YamlList):
            return tuple(text for item in node.items if (text := self.text(item)) is not None)
        if node is not None:
            self.wrong(node, "a list of names")
        return ()

    def count(self, node: YamlNode | None) -> int | None:
        """A whole number from 1."""
        if isinstance(node, YamlScalar) and type(node.value) is int and 1 <= node.value < 1_000_000:
            return node.value
        if node is not None:
            self.wrong(node, "a whole number from 1")
        return None

    def require(self, fields: Mapping[str, YamlNode], names: tuple[str, ...], block: YamlNode) -> bool:
        """Whether all of these are there."""
        missing = [name for name in names if name not in fields]
        if missing and isinstance(block, YamlMap):
            self.report.add(block.span, rules.keys_missing(missing))
        return not missing

    def map(self, node: YamlNode | None, names: tuple[str, ...] | None, place: Span) -> dict[str, YamlNode]:
        """The fields of a mapping. names: those that it may have, None for any."""
        if not isinstance(node, YamlMap):
            self.wrong(node, "a mapping", place)
            return {}
        for name, scalar, _ in node:
            if names is not None and name not in names:
                self.report.add(scalar.span, rules.unknown_lock_key(name, names))
        return {name: value for name, _, value in node if names is None or name in names}

    def wrong(self, node: YamlNode | None, wanted: str, place: Span | None = None) -> None:
        """Report a value of another form."""
        span = place or (node.span if node else Span(self.source, 0, 0))
        self.report.add(span, rules.wrong_lock_value(wanted, describe(node) if node else "nothing"))

    def _matching(self, node: YamlNode, form: re.Pattern[str], wanted: str) -> str | None:
        if isinstance(node, YamlScalar) and form.fullmatch(node.text):
            return node.text
        self.wrong(node, wanted)
        return None

    def _digests(self, node: YamlNode | None) -> tuple[str, ...]:
        if isinstance(node, YamlList):
            return tuple(digest for item in node.items if (digest := self.digest(item)))
        if node is not None:
            self.wrong(node, "a list of digests")
        return ()

    def _usd(self, node: YamlNode | None) -> float | None:
        usd = node.value if isinstance(node, YamlScalar) else None
        if isinstance(node, YamlScalar) and usd is None:
            return None
        if isinstance(usd, int | float) and not isinstance(usd, bool) and 0 <= usd < MOST_USD:
            return float(usd)
        if node is not None:
            self.wrong(node, "US dollars, from 0")
        return 0.0
