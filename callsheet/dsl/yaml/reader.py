"""Text → YAML with positions. The only module that imports yaml.

Nothing is composed by the library: the tree is built from the event stream, so that depth, size, anchors,
tags and duplicate keys are met before they can cost anything (a deep flow sequence overflows the C composer).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import yaml

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.yaml.nodes import Plain, YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.spec.draft import draft_of
from callsheet.spec.numbers import usable
from callsheet.spec.regular_file import read_regular
from callsheet.spec.rules import document
from callsheet.spec.rules import yaml as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.suggest import nearest_file

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 250_000
MAX_DIGITS = 300

INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z"
)
SPECIAL = re.compile(r"\.(inf|nan)\Z", re.IGNORECASE)
WORDS: dict[str, Plain] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
UNQUOTED = re.compile(
    r"\$\{\{(?P<inner>[^{}\n]*)\}\}|(?<=[:,\[{])\s*(?P<reference>[a-z][\w.]*(?:\[[^\]\n]*\][\w.]*)+)"
)
"""What inside a flow mapping or list was probably meant as an expression."""
BEGINS = re.compile(r"^<{7}(?: [^\r\n]*)?\r?$", re.MULTILINE)
ENDS = re.compile(r"^>{7}(?: |\r?$)", re.MULTILINE)
LIBRARY_ERRORS = (
    yaml.YAMLError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    RecursionError,
)


class Stop(Exception):
    """The rest of the file cannot be read; the report says why."""


def read_source(path: Path, report: Report, limit: int = MAX_BYTES, marks: bool = False) -> Source | None:
    """The file's text, or None with a diagnostic (which points at an empty source).

    marks: it may have the marks of a conflict in git.
    """
    nowhere = Span(Source(path, ""), 0, 0)
    try:
        draft = draft_of(path)
        data = read_regular(path, limit) if draft is None else draft
    except OSError as error:
        near = nearest_file(path) if isinstance(error, FileNotFoundError) else ""
        report.add(nowhere, rules.unreadable_file(path, error.strerror, near and path.with_name(near)))
        return None
    if len(data) > limit:
        report.add(nowhere, rules.large_file(path, limit // 1024))
        return None
    report.files[path] = hashlib.sha256(data).hexdigest()
    try:
        source = Source(path, data.decode("utf-8-sig"))
        return source if marks or not _is_conflict(source, report) else None
    except UnicodeDecodeError as error:
        good = Source(path, data[: error.start].decode("utf-8", "ignore"))
        end = max(len(good.text) - 1, 0)
        report.add(Span(good, end, end + 1), rules.not_utf8(error.start + 1))
        return None


def _is_conflict(source: Source, report: Report) -> bool:
    """Whether a git merge left both sides in the text; an error then, instead of all that follows from it."""
    if (begin := BEGINS.search(source.text)) and ENDS.search(source.text, begin.end()):
        report.add(Span(source, *begin.span()), rules.conflict_marks())
        return True
    return False


def read_yaml(source: Source, report: Report, limit: int = MAX_NODES) -> YamlNode | None:
    """The one document of `source`, or None when it is empty or cannot be read. limit: nodes at most."""
    builder = _Builder(source, report, limit)
    try:
        for event in yaml.parse(source.text, Loader=LOADER):
            builder.take(event)
    except Stop:
        return None
    except LIBRARY_ERRORS as error:
        _explain(error, source, report)
        return None
    return builder.root


def plain_value(text: str) -> tuple[Plain, Problem | None]:
    """The value of a plain scalar, and what is wrong with a number that cannot be calculated with."""
    if len(text) > MAX_DIGITS and INTEGER.match(text):
        return 0, rules.long_number(len(text))
    value = core_value(text)
    if isinstance(value, int | float) and not usable(value):
        return 0, rules.long_number(len(text)) if isinstance(value, int) else rules.infinite_number(text)
    return value, None


def core_value(text: str) -> Plain:
    """A plain scalar under the YAML 1.2 core rules: `16:9`, `on` and dates stay text."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.match(text):
        return int(text, 0 if text[1:2] in ("o", "x") else 10)
    if FLOAT.match(text):
        return float(SPECIAL.sub(r"\1", text))
    return text


class _Builder:
    """Takes the event stream, one event at a time, and grows the tree."""

    def __init__(self, source: Source, report: Report, limit: int) -> None:
        self.source, self.report, self.limit = source, report, limit
        self.root: YamlNode | None = None
        self.documents = self.nodes = 0
        self.open: list[tuple[Any, list[YamlNode]]] = []

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._new_document(event)
            case yaml.ScalarEvent():
                self._guard(event)
                self._place(self._scalar(event))
            case yaml.CollectionStartEvent():
                self._guard(event)
                self.open.append((event, []))
            case yaml.CollectionEndEvent():
                start, children = self.open.pop()
                self._place(self._collection(start, event, children))
            case yaml.AliasEvent():
                self._stop(event, rules.alias())

    def _new_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, rules.second_document())

    def _guard(self, event: Any) -> None:
        self.nodes += 1
        if event.anchor is not None:
            self._stop(event, rules.anchor())
        if event.tag is not None and event.tag != "!":
            self._stop(event, rules.tag(event.tag))
        if self.nodes > self.limit:
            self._stop(event, rules.too_many_yaml_nodes(self.limit))
        if len(self.open) >= MAX_DEPTH:
            self._stop(event, rules.too_deep(MAX_DEPTH))

    def _stop(self, event: Any, problem: Problem) -> None:
        self.report.add(self._span(event.start_mark.index, event.end_mark.index), problem)
        raise Stop

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, max(start, end))

    def _place(self, node: YamlNode) -> None:
        if self.open:
            self.open[-1][1].append(node)
        else:
            self.root = node

    def _scalar(self, event: Any) -> YamlScalar:
        span = self._span(event.start_mark.index, event.end_mark.index)
        style = event.style or ""
        if style or not event.implicit[0]:
            return YamlScalar(span, event.value, event.value, style)
        return YamlScalar(span, event.value, self._plain(event.value, span))

    def _plain(self, text: str, span: Span) -> Plain:
        value, problem = plain_value(text)
        if problem is not None:
            self.report.add(span, problem)
        return value

    def _collection(self, start: Any, end: Any, children: list[YamlNode]) -> YamlNode:
        first = start.start_mark.index
        last = end.end_mark.index if start.flow_style else (children[-1].span.end if children else first)
        span = self._span(first, last)
        if isinstance(start, yaml.SequenceStartEvent):
            return YamlList(span, tuple(children))
        return YamlMap(span, tuple(self._entries(children)))

    def _entries(self, children: list[YamlNode]) -> list[tuple[YamlScalar, YamlNode]]:
        entries: dict[str, tuple[YamlScalar, YamlNode]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, YamlScalar):
                self.report.add(key.span, document.key_not_text(isinstance(key, YamlMap)))
            elif key.text == "<<" and not key.style:
                self.report.add(key.span, rules.merge_key())
            elif key.text in entries:
                line, _ = self.source.position(entries[key.text][0].span.start)
                self.report.add(key.span, rules.duplicate_key(key.text, line))
            else:
                entries[key.text] = (key, value)
        return list(entries.values())


def _explain(error: Exception, source: Source, report: Report) -> None:
    begin = getattr(error, "context_mark", None)
    if begin is not None and getattr(error, "context", None) == "while scanning a quoted scalar":
        span = Span(source, begin.index, begin.index + 1)
        report.add(span, rules.open_quote(span.text))
        return
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = min(mark.index if mark else getattr(error, "position", 0) or 0, max(len(source.text) - 1, 0))
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    told = _problem(problem, source.text[at : at + 1])
    if told == rules.not_yaml(problem) and (expression := _unquoted(source.text, at)):
        told = rules.unquoted_expression(problem, expression)
    report.add(Span(source, at, at + 1), told)


def _unquoted(text: str, at: int) -> str:
    """The expression without quotes in which YAML found brackets of its own; "" when there is none."""
    line, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    for found in UNQUOTED.finditer(text[line : end if end >= 0 else len(text)]):
        if found.start() <= at - line <= found.end():
            return (found["inner"] or found["reference"]).strip()
    return ""


def _problem(problem: str, character: str) -> Problem:
    """What the library complains about, at a character, as a person would say it."""
    if "nesting depth" in problem:  # newer libraries stop by themselves, before they give an event
        return rules.too_deep(MAX_DEPTH)
    if character == "\t" or "'\\t'" in problem:
        return rules.tab()
    if "mapping values are not allowed" in problem:
        return rules.colon_in_text(problem)
    if "special characters are not allowed" in problem or "control characters" in problem:
        return rules.control_character()
    if "could not find expected ':'" in problem:
        return rules.no_colon(problem)
    return rules.not_yaml(problem)
