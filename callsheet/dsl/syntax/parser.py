"""Reads a document from YAML: its keys, and their shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.allowlist import RESERVED
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.syntax.ast import AxisDecl, Document, InputDecl, OutputDecl, Unread
from callsheet.dsl.syntax.head_parser import HEAD_KEYS, head_of, meets
from callsheet.dsl.syntax.node_parser import NodeParser
from callsheet.dsl.syntax.type_parser import KEYS as TYPE_KEYS
from callsheet.dsl.syntax.type_parser import declare
from callsheet.dsl.syntax.value_parser import is_positive, known_keys, option, text_of, value_of
from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar, describe
from callsheet.spec.rules import axes as axis_rules
from callsheet.spec.rules import document as rules
from callsheet.spec.rules import slips
from callsheet.spec.suggest import nearest
from callsheet.spec.types import JSON, Field, parse_type

ABOUT: Final = ("callsheet", "name", "description", "budget", *HEAD_KEYS)
TOP_KEYS: Final = (*ABOUT, "inputs", "axes", "nodes", "outputs")
NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
DEPRECATED: Final = "deprecated"
FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}\Z")

Decl = TypeVar("Decl")


def parse(source: Source, root: YamlNode | None, report: Report) -> Document | None:
    """The document, or None when its outermost shape is wrong."""
    everything = Span(source, 0, 0)
    if root is None:
        report.add(everything, rules.empty_file())
        return None
    if not isinstance(root, YamlMap):
        report.add(root.span, rules.not_a_pipeline(describe(root)))
        return None
    if root.get("callsheet") is None and root.get("lock") is not None:
        report.add(root.entries[0][0].span, rules.lock_file())
        return None
    if root.get("callsheet") is None and root.get("OTIO_SCHEMA") is not None:
        report.add(everything, rules.timeline_file())
        return None
    return _Parser(source, report).document(root) if meets(root, report) else None


class _Parser:
    def __init__(self, source: Source, report: Report) -> None:
        self.source, self.report = source, report

    def document(self, written: YamlMap) -> Document:
        root = known_keys(written, TOP_KEYS, "a pipeline", self.report)
        self._version(root)
        inputs = self._named(root, "inputs", self._input)
        nodes = self._named(root, "nodes", NodeParser(self.report).node)
        if _is_empty(root.get("nodes")) and not _misspells(written, "nodes"):
            self.report.add(self._start(root), rules.no_nodes())
        document = Document(
            source=self.source,
            name=self._file_name(root),
            description=text_of(root, "description", self.report) or "",
            inputs=inputs,
            axes=self._named(root, "axes", self._axis),
            nodes=nodes,
            outputs=self._named(root, "outputs", self._output),
            budget=option(root.get("budget"), is_positive, rules.bad_budget(), self.report),
            head=head_of(root, inputs, nodes, self.report),
            root=written,
        )
        self._clashes(document)
        return document

    def _version(self, root: YamlMap) -> None:
        node = root.get("callsheet")
        if node is None:
            self.report.add(self._start(root), rules.no_version())
        elif not (isinstance(node, YamlScalar) and node.value == 1 and node.value is not True):
            self.report.add(node.span, rules.other_version(node.span.text[:20]))

    def _start(self, root: YamlMap) -> Span:
        return Span(self.source, root.span.start, root.span.start + 1)

    def _file_name(self, root: YamlMap) -> str:
        name = text_of(root, "name", self.report)
        node = root.get("name")
        if name is not None and node is not None and not FILE_NAME.match(name):
            self.report.add(node.span, rules.no_folder_name(name))
        return name if name and FILE_NAME.match(name) else self.source.path.stem

    def _named(
        self, root: YamlMap, section: str, parse_one: Callable[[YamlScalar, YamlNode], Decl | None]
    ) -> Mapping[str, Decl]:
        node = root.get(section)
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return {}
        if not isinstance(node, YamlMap):
            self.report.add(node.span, rules.not_names(section, describe(node)))
            return {}
        found = {}
        for name, key, value in node:
            if section != "outputs" and self._bad_name(key):
                continue
            if (decl := parse_one(key, value)) is not None:
                found[name] = decl
        return found

    def _bad_name(self, key: YamlScalar) -> bool:
        if not NAME.match(key.text):
            fixed = re.sub(r"[^a-z0-9_]+", "_", key.text.lower()).strip("_")
            self.report.add(key.span, rules.no_identifier(key.text, fixed if NAME.match(fixed) else ""))
            return True
        if key.text in RESERVED:
            self.report.add(key.span, rules.reserved_name(key.text))
            return True
        return False

    def _clashes(self, document: Document) -> None:
        for name, axis in document.axes.items():
            if name in document.nodes:
                line, _ = self.source.position(axis.key.span.start)
                self.report.add(document.nodes[name].key.span, rules.node_named_as_axis(name, line))

    def _input(self, key: YamlScalar, node: YamlNode) -> InputDecl:
        if not isinstance(node, YamlMap):
            if isinstance(node, YamlScalar) and not node.style and parse_type(node.text):
                self.report.add(node.span, slips.type_as_text(key.text, node.text))
            return InputDecl(key, None, node)
        if node.entries and not any(name in TYPE_KEYS for name, _, _ in node):
            return InputDecl(key, None, node)
        about = text_of(node, "description", self.report) or ""
        old = text_of(node, DEPRECATED, self.report) or ""
        default = node.get("default")
        own = YamlMap(node.span, tuple(e for e in node.entries if e[0].text != DEPRECATED))
        if any(node.get(part) is not None for part in ("type", "enum", "items", "fields")):
            return InputDecl(key, declare(own, self.report), default, about, old)
        if default is not None:
            known_keys(own, ("default", "description"), "an input without a type", self.report)
            return InputDecl(key, None, default, about, old)
        self.report.add(key.span, rules.input_without_type(key.text))
        return InputDecl(key, Field(JSON), None)

    def _axis(self, key: YamlScalar, node: YamlNode) -> AxisDecl | None:
        if not isinstance(node, YamlMap):
            return AxisDecl(key, value_of(node, self.report), None)
        node = known_keys(node, ("over", "key", "max"), "an axis", self.report)
        over = node.get("over")
        if over is None:
            self.report.add(key.span, rules.axis_without_list(key.text))
            return None
        return AxisDecl(
            key, value_of(over, self.report), self._axis_key(node.get("key")), self._most(node.get("max"))
        )

    def _most(self, node: YamlNode | None) -> YamlScalar | None:
        if node is None:
            return None
        if isinstance(node, YamlScalar) and isinstance(node.value, int) and is_positive(node.value):
            return node
        self.report.add(node.span, rules.bad_max())
        return None

    def _axis_key(self, node: YamlNode | None) -> Expression | None:
        if node is None:
            return None
        value = value_of(node, self.report)
        if isinstance(value, Expression | Unread):
            return value if isinstance(value, Expression) else None
        self.report.add(node.span, axis_rules.key_not_an_expression())
        return None

    def _output(self, key: YamlScalar, node: YamlNode) -> OutputDecl | None:
        if not FILE_NAME.match(key.text):
            self.report.add(key.span, rules.no_output_name(key.text))
            return None
        return OutputDecl(key, value_of(node, self.report))


def _misspells(root: YamlMap, name: str) -> bool:
    """Whether a key that the language does not know probably means `name`; that key is reported."""
    return any(key not in TOP_KEYS and nearest(key, TOP_KEYS) == name for key, _, _ in root)


def _is_empty(node: YamlNode | None) -> bool:
    match node:
        case YamlMap():
            return not node.entries
        case YamlScalar():
            return node.value is None
    return node is None
