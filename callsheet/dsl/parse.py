"""YAML with positions → document: which keys are there, and do they have the right shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

from callsheet.dsl.declare import declare
from callsheet.dsl.diagnostic import Report
from callsheet.dsl.document import (
    AlternativeDecl,
    AxisDecl,
    Document,
    InputDecl,
    ListValue,
    MapValue,
    NodeDecl,
    OutputDecl,
    Unread,
    Value,
)
from callsheet.dsl.expression.allowed import RESERVED
from callsheet.dsl.expression.template import Expression, has_expression, parse_expression
from callsheet.dsl.graph import Options
from callsheet.dsl.nearest import suggest
from callsheet.dsl.source import Source, Span
from callsheet.dsl.tree import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.dsl.types import JSON, Field
from callsheet.errors import Kind

TOP_KEYS: Final = ("callsheet", "name", "description", "budget", "inputs", "axes", "nodes", "outputs")
NODE_KEYS: Final = (
    "uses", "with", "each", "when", "needs", "takes", "fallback", "missing", "approve", "cache", "retry",
    "timeout", "provider", "description",
)  # fmt: skip
CACHES: Final = ("auto", "off", "refresh")
MISSING: Final = ("fail", "skip", "placeholder")
MOST_TAKES: Final = 1000
MOST_ALTERNATIVES: Final = 10
RETRIED: Final[tuple[Kind, ...]] = ("unavailable", "failed", "local")
UNREPEATED: Final = {
    "rejected": "what was refused is refused again; `fallback` asks another model",
    "unknown": "nobody knows whether it was accepted; `callsheet reconcile` settles it",
    "bug": "the same would happen again",
}
NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}\Z")

Decl = TypeVar("Decl")


def parse(source: Source, root: YamlNode | None, report: Report) -> Document | None:
    """The document, or None when its outermost shape is wrong."""
    everything = Span(source, 0, 0)
    if root is None:
        report.error(
            "missing-key",
            everything,
            "the file is empty",
            "start with `callsheet: 1`; `callsheet init` writes an example",
        )
        return None
    if not isinstance(root, YamlMap):
        report.error(
            "wrong-shape",
            root.span,
            f"a pipeline is a mapping, not {describe(root)}",
            "start with `callsheet: 1`",
        )
        return None
    if root.get("callsheet") is None and root.get("lock") is not None:
        report.error(
            "language-version",
            root.entries[0][0].span,
            "this is a lock file, not a pipeline",
            "name the pipeline that it lies beside",
        )
        return None
    return _Parser(source, report).document(root)


class _Parser:
    def __init__(self, source: Source, report: Report) -> None:
        self.source, self.report = source, report

    def document(self, root: YamlMap) -> Document:
        self._version(root)
        self._known_keys(root, TOP_KEYS, "a pipeline")
        nodes = self._named(root, "nodes", self._node)
        if root.get("nodes") is None:
            self.report.error(
                "missing-key",
                Span(self.source, root.span.start, root.span.start + 1),
                "the pipeline has no `nodes`",
                "add `nodes:` with at least one node",
            )
        document = Document(
            source=self.source,
            name=self._file_name(root),
            description=self._text(root, "description") or "",
            inputs=self._named(root, "inputs", self._input),
            axes=self._named(root, "axes", self._axis),
            nodes=nodes,
            outputs=self._named(root, "outputs", self._output),
            budget=self._option(root.get("budget"), _is_positive, "`budget` is a number of USD above zero"),
        )
        self._clashes(document)
        return document

    def _version(self, root: YamlMap) -> None:
        node = root.get("callsheet")
        if node is None:
            start = Span(self.source, root.span.start, root.span.start + 1)
            self.report.error(
                "language-version",
                start,
                "the file does not say which language version it is in",
                "add `callsheet: 1` as the first line",
            )
        elif not (isinstance(node, YamlScalar) and node.value == 1 and node.value is not True):
            self.report.error(
                "language-version",
                node.span,
                f"this callsheet reads language version 1, not {node.span.text[:20]}",
                "write `callsheet: 1`",
            )

    def _known_keys(self, mapping: YamlMap, known: tuple[str, ...], what: str) -> None:
        for name, key, _ in mapping:
            if name not in known:
                self.report.error(
                    "unknown-key", key.span, f"{what} has no key `{name}`", suggest(name, known)
                )

    def _text(self, mapping: YamlMap, name: str) -> str | None:
        node = mapping.get(name)
        if node is None:
            return None
        if isinstance(node, YamlScalar) and node.value is not None:
            return node.text
        self.report.error("wrong-shape", node.span, f"`{name}` is text, not {describe(node)}")
        return None

    def _file_name(self, root: YamlMap) -> str:
        name = self._text(root, "name")
        node = root.get("name")
        if name is not None and node is not None and not FILE_NAME.match(name):
            self.report.error(
                "bad-name",
                node.span,
                f"`{name}` cannot name the folder of the results",
                "use letters, digits, `-` and `_`",
            )
        return name if name and FILE_NAME.match(name) else self.source.path.stem

    def _named(
        self, root: YamlMap, section: str, parse_one: Callable[[YamlScalar, YamlNode], Decl | None]
    ) -> Mapping[str, Decl]:
        node = root.get(section)
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return {}
        if not isinstance(node, YamlMap):
            self.report.error(
                "wrong-shape", node.span, f"`{section}` is a mapping of names, not {describe(node)}"
            )
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
            hint = f"write `{fixed}`" if NAME.match(fixed) else "start with a letter"
            self.report.error(
                "bad-name",
                key.span,
                f"`{key.text}` is not an identifier (lower-case letters, digits and `_`)",
                hint,
            )
            return True
        if key.text in RESERVED:
            self.report.error(
                "bad-name", key.span, f"`{key.text}` is a word of the language", "choose another name"
            )
            return True
        return False

    def _clashes(self, document: Document) -> None:
        for name, axis in document.axes.items():
            if name in document.nodes:
                line, _ = self.source.position(axis.key.span.start)
                self.report.error(
                    "name-clash",
                    document.nodes[name].key.span,
                    f"`{name}` is already an axis (line {line})",
                    "rename the node or the axis",
                )

    def _input(self, key: YamlScalar, node: YamlNode) -> InputDecl:
        if not isinstance(node, YamlMap):
            return InputDecl(key, None, node)
        if any(node.get(part) is not None for part in ("type", "enum", "items", "fields")):
            about = self._text(node, "description") or ""
            return InputDecl(key, declare(node, self.report), node.get("default"), about)
        if node.get("default") is not None:
            self._known_keys(node, ("default", "description"), "an input without a type")
            return InputDecl(key, None, node.get("default"), self._text(node, "description") or "")
        self.report.error(
            "missing-key",
            key.span,
            f"the input `{key.text}` has no `type`",
            "write `{type: string, default: …}`, or a plain value as its default",
        )
        return InputDecl(key, Field(JSON), None)

    def _axis(self, key: YamlScalar, node: YamlNode) -> AxisDecl | None:
        if not isinstance(node, YamlMap):
            return AxisDecl(key, self.value(node), None)
        self._known_keys(node, ("over", "key", "max"), "an axis")
        over = node.get("over")
        if over is None:
            self.report.error(
                "missing-key",
                key.span,
                f"the axis `{key.text}` does not say what it ranges over",
                "add `over: ${{ inputs.… }}` or a list",
            )
            return None
        return AxisDecl(key, self.value(over), self._axis_key(node.get("key")), self._most(node.get("max")))

    def _most(self, node: YamlNode | None) -> YamlScalar | None:
        if node is None:
            return None
        if isinstance(node, YamlScalar) and isinstance(node.value, int) and _is_positive(node.value):
            return node
        self.report.error(
            "bad-option", node.span, "`max` is how many elements the axis takes at most, 1 or more"
        )
        return None

    def _axis_key(self, node: YamlNode | None) -> Expression | None:
        if node is None:
            return None
        value = self.value(node)
        if isinstance(value, Expression | Unread):
            return value if isinstance(value, Expression) else None
        self.report.error(
            "axis-key",
            node.span,
            "`key` is an expression over the axis variable",
            "for example `key: ${{ shot.id }}`",
        )
        return None

    def _node(self, key: YamlScalar, node: YamlNode) -> NodeDecl | None:
        if not isinstance(node, YamlMap):
            self.report.error(
                "wrong-shape",
                node.span if node.span.text else key.span,
                f"the node `{key.text}` is a mapping with `uses` and `with`, not {describe(node)}",
            )
            return None
        self._known_keys(node, NODE_KEYS, "a node")
        uses = node.get("uses")
        if not isinstance(uses, YamlScalar) or not uses.text:
            place = key.span if uses is None else uses.span
            self.report.error(
                "missing-key",
                place,
                f"the node `{key.text}` does not say what it `uses`",
                "add `uses:` with an endpoint such as `fal-ai/…` or `media/…`",
            )
            return None
        return NodeDecl(
            key=key,
            uses=uses,
            params=self._params(node.get("with")),
            each=tuple(self._names(node.get("each"), "each")),
            when=self._when(node.get("when")),
            needs=tuple(self._names(node.get("needs"), "needs")),
            options=self._options(node),
            span=key.span,
            fallback=tuple(self._fallback(node.get("fallback"))),
            provider=provider if isinstance(provider := node.get("provider"), YamlScalar) else None,
        )

    def _fallback(self, node: YamlNode | None) -> Iterator[AlternativeDecl]:
        if node is None:
            return
        if not isinstance(node, YamlList) or len(node.items) > MOST_ALTERNATIVES:
            message = (
                f"`fallback` is a list of at most {MOST_ALTERNATIVES} alternatives, not {describe(node)}"
            )
            self.report.error("wrong-shape", node.span, message, "write `- uses: …` for each")
            return
        for item in node.items:
            uses = item.get("uses") if isinstance(item, YamlMap) else None
            if not isinstance(item, YamlMap) or not isinstance(uses, YamlScalar) or not uses.text:
                hint = "write `- uses: …`, with its own `with:` where it takes something else"
                self.report.error("missing-key", item.span, "an alternative says what it `uses`", hint)
                continue
            self._known_keys(item, ("uses", "with"), "an alternative")
            yield AlternativeDecl(uses, self._params(item.get("with")))

    def _params(self, node: YamlNode | None) -> MapValue | None:
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return None
        value = self.value(node)
        if isinstance(value, MapValue):
            return value
        self.report.error(
            "wrong-shape", node.span, f"`with` is a mapping of parameters, not {describe(node)}"
        )
        return None

    def _names(self, node: YamlNode | None, key: str) -> Iterator[YamlScalar]:
        items = node.items if isinstance(node, YamlList) else () if node is None else (node,)
        for item in items:
            if isinstance(item, YamlScalar) and isinstance(item.value, str):
                yield item
            else:
                self.report.error(
                    "wrong-shape", item.span, f"`{key}` is a name or a list of names, not {describe(item)}"
                )

    def _when(self, node: YamlNode | None) -> YamlScalar | Expression | None:
        if node is None:
            return None
        value = self.value(node)
        if isinstance(value, Unread):
            return None
        if isinstance(value, Expression) or (isinstance(value, YamlScalar) and isinstance(value.value, bool)):
            return value
        self.report.error(
            "when-boolean",
            node.span,
            f"`when` is true, false or one expression, not {describe(node)}",
            "write `when: ${{ … }}`",
        )
        return None

    def _options(self, node: YamlMap) -> Options:
        retry = node.get("retry")
        attempts = retry.get("attempts") if isinstance(retry, YamlMap) else retry
        provider = node.get("provider")
        return Options(
            cache=self._option(node.get("cache"), lambda v: v in CACHES, "`cache` is auto, off or refresh")
            or "auto",
            timeout=self._option(
                node.get("timeout"), _is_positive, "`timeout` is a number of seconds above zero"
            ),
            attempts=self._option(
                attempts if attempts is not None else retry,
                lambda v: isinstance(v, int) and _is_positive(v),
                "`retry` is a number of attempts, or {attempts: n, on: [kinds]}",
            ),
            retried=self._retried(retry) or Options().retried,
            takes=self._option(
                node.get("takes"),
                lambda v: isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= MOST_TAKES,
                f"`takes` is a whole number from 1 to {MOST_TAKES:,}",
            )
            or 1,
            missing=self._option(
                node.get("missing"), lambda v: v in MISSING, "`missing` is fail, skip or placeholder"
            )
            or "fail",
            approve=self._option(
                node.get("approve"), lambda v: isinstance(v, bool), "`approve` is true or false"
            )
            or False,
            provider=self._option(provider, lambda v: isinstance(v, str), "`provider` is a name") or "",
        )

    def _retried(self, node: YamlNode | None) -> tuple[Kind, ...]:
        """The kinds of failure that `retry` names."""
        if not isinstance(node, YamlMap):
            return ()
        self._known_keys(node, ("attempts", "on"), "`retry`")
        names = list(self._names(node.get("on"), "on"))
        for name in names:
            if name.text not in RETRIED:
                self.report.error(
                    "bad-option",
                    name.span,
                    f"`{name.text}` is not tried again",
                    UNREPEATED.get(name.text) or suggest(name.text, RETRIED, "kinds"),
                )
        return tuple(kind for kind in RETRIED if any(name.text == kind for name in names))

    def _option(self, node: YamlNode | None, good: Callable[[Any], bool], message: str) -> Any:
        if node is None:
            return None
        if isinstance(node, YamlScalar) and good(node.value):
            return node.value
        self.report.error("bad-option", node.span, message)
        return None

    def _output(self, key: YamlScalar, node: YamlNode) -> OutputDecl | None:
        if not FILE_NAME.match(key.text):
            self.report.error(
                "bad-name",
                key.span,
                f"`{key.text}` cannot name an output",
                "use letters, digits, `-` and `_`",
            )
            return None
        return OutputDecl(key, self.value(node))

    def value(self, node: YamlNode) -> Value:
        """The node with its expressions parsed; a broken one is reported."""
        match node:
            case YamlScalar() if isinstance(node.value, str) and has_expression(node.text):
                return parse_expression(node, self.report) or Unread(node.span)
            case YamlScalar():
                return node
            case YamlList():
                return ListValue(node.span, tuple(self.value(item) for item in node.items))
            case YamlMap():
                return MapValue(node.span, tuple((k, self.value(v)) for k, v in node.entries))


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
