"""Slips that many people make once: the help of an error names what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.stray_braces import as_expression
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.spec.rules import slips as rules


def name_slips(documents: Iterable[Document], report: Report) -> None:
    """Where an error is at a text that looks like an expression, or at the rest of a text that YAML took
    apart at a comma, its help says so."""
    wrong = {(str(d.span.source.path), d.span.start, d.span.end) for d in report.sorted()}
    for document in documents:
        path = str(document.source.path)
        here = {(start, end) for where, start, end in wrong if where == path}
        if here and document.root is not None:
            names = {"inputs", *document.nodes, *document.axes}
            inputs = document.root.get("inputs") if isinstance(document.root, YamlMap) else None
            slips = _Slips(names, here, inputs)
            _rewrite(path, dict(slips.inside(document.root)), report)


def _rewrite(path: str, slips: dict[tuple[int, int], str], report: Report) -> None:
    for finding in report.found.values():
        d = finding.diagnostic
        help = slips.get((d.span.start, d.span.end))
        if help and d.severity == "error" and str(d.span.source.path) == path:
            finding.diagnostic = replace(d, help=help)


@dataclass(frozen=True, slots=True)
class _Slips:
    """names: that references begin with. places: of errors. plain: the part without expressions."""

    names: Collection[str]
    places: Collection[tuple[int, int]]
    plain: YamlNode | None

    def inside(self, node: YamlNode, plain: bool = False) -> Iterator[tuple[tuple[int, int], str]]:
        """The slips inside a node: place → what to do."""
        match node:
            case YamlScalar(value=str(text)) if (node.span.start, node.span.end) in self.places and not plain:
                if meant := as_expression(text, self.names):
                    yield (node.span.start, node.span.end), rules.as_an_expression(meant)
            case YamlList(items=items):
                for item in items:
                    yield from self.inside(item, plain)
            case YamlMap():
                for key, help in _taken_apart(node):
                    yield (key.span.start, key.span.end), help
                for _, _, value in node:
                    yield from self.inside(value, plain or value is self.plain)


def _taken_apart(node: YamlMap) -> Iterator[tuple[YamlScalar, str]]:
    """Keys without a colon that go on with the text before them: `{prompt: gentle marimba, curious}`."""
    owner, words = "", [""]
    rest: list[YamlScalar] = []
    for name, key, value in node:
        if _has_no_colon(key):
            words.append(name)
            rest.append(key)
            continue
        yield from _quoted(owner, words, rest)
        is_text = isinstance(value, YamlScalar) and isinstance(value.value, str) and not value.style
        owner, words, rest = (name if is_text else ""), [value.span.text], []
    yield from _quoted(owner, words, rest)


def _quoted(owner: str, words: list[str], rest: list[YamlScalar]) -> Iterator[tuple[YamlScalar, str]]:
    if owner:
        yield from ((key, rules.quote_the_text(owner, ", ".join(words))) for key in rest)


def _has_no_colon(key: YamlScalar) -> bool:
    text = key.span.source.text[key.span.end : key.span.end + 200]
    return not text.lstrip().startswith(":")
