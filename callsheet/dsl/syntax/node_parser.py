"""Reads the declaration of a node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression, has_expression, parse_expression
from callsheet.dsl.graph import Options, Pause
from callsheet.dsl.syntax.ast import (
    AlternativeDecl,
    MapValue,
    NodeDecl,
    OverrideDecl,
    Unread,
    expressions_in,
)
from callsheet.dsl.syntax.value_parser import is_from, is_positive, known_keys, option, value_of
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.errors import FALLS, Kind
from callsheet.spec.rules import document as rules
from callsheet.spec.rules import instances as instance_rules
from callsheet.spec.rules import models as model_rules
from callsheet.spec.rules import recipes as recipe_rules
from callsheet.spec.rules.rule import Problem

NODE_KEYS: Final = (
    "uses", "with", "each", "when", "needs", "takes", "fallback", "missing", "approve", "cache", "retry",
    "timeout", "provider", "override", "description",
)  # fmt: skip
OVERRIDE_OPTIONS: Final = {
    "takes": ("takes",),
    "approve": ("approve",),
    "cache": ("cache",),
    "retry": ("attempts", "retried", "pause"),
}
"""Keys of an override that set options of a node → the fields of these options."""
OVERRIDE_KEYS: Final = ("uses", "with", *OVERRIDE_OPTIONS)
CACHES: Final = ("auto", "off", "refresh")
MISSING: Final = ("fail", "skip", "placeholder")
RETRY_KEYS: Final = ("attempts", "on", "delay", "backoff", "within")
LONGEST_DELAY: Final = 3600
"""Seconds."""
MOST_TAKES: Final = 1000
MOST_ATTEMPTS: Final = 20
MOST_ALTERNATIVES: Final = 10
FALLEN: Final[tuple[Kind, ...]] = (*FALLS, "declined")
RETRIED: Final[tuple[Kind, ...]] = ("unavailable", "failed", "local")


class NodeParser:
    """Reads declarations of nodes. Errors are reported."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def node(self, key: YamlScalar, node: YamlNode) -> NodeDecl | None:
        """The declaration under `key`, or None when it is not one."""
        if not isinstance(node, YamlMap):
            place = node.span if node.span.text else key.span
            self.report.add(place, rules.not_a_node(key.text, describe(node)))
            return None
        node = known_keys(node, NODE_KEYS, "a node", self.report)
        uses = node.get("uses")
        if not isinstance(uses, YamlScalar) or not uses.text:
            place = key.span if uses is None else uses.span
            self.report.add(place, rules.node_without_uses(key.text))
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
            choice=self._choice(uses, node),
            override=tuple(self._override(node.get("override"))),
        )

    def _override(self, node: YamlNode | None) -> Iterator[OverrideDecl]:
        if node is None:
            return
        if not isinstance(node, YamlMap):
            self.report.add(node.span, recipe_rules.not_overrides(describe(node)))
            return
        for _, key, value in node:
            if not isinstance(value, YamlMap):
                self.report.add(
                    value.span if value.span.text else key.span, recipe_rules.bare_override(key.text)
                )
                continue
            value = known_keys(value, OVERRIDE_KEYS, "an override", self.report)
            uses, params = value.get("uses"), self._params(value.get("with"))
            if uses is not None and (not isinstance(uses, YamlScalar) or has_expression(uses.text)):
                self.report.add(uses.span, recipe_rules.override_without_name())
                uses = None
            if expressions := list(expressions_in(params)):
                self.report.add(expressions[0].span, recipe_rules.expression_in_override())
                params = None
            written = {name: part for name, _, part in value if name in OVERRIDE_OPTIONS}
            yield OverrideDecl(key, uses, params, self._options(value), written)

    def _choice(self, uses: YamlScalar, node: YamlMap) -> Expression | None:
        """The expression in `uses`, if there is one."""
        if not has_expression(uses.text):
            return None
        if node.get("fallback") is not None:
            self.report.add(uses.span, model_rules.choice_with_fallback())
        return parse_expression(uses, self.report)

    def _fallback(self, node: YamlNode | None) -> Iterator[AlternativeDecl]:
        if node is None:
            return
        if not isinstance(node, YamlList) or len(node.items) > MOST_ALTERNATIVES:
            self.report.add(node.span, rules.not_alternatives(MOST_ALTERNATIVES, describe(node)))
            return
        for item in node.items:
            if isinstance(item, YamlMap):
                item = known_keys(item, ("uses", "with", "on"), "an alternative", self.report)
            uses = item.get("uses") if isinstance(item, YamlMap) else None
            if not isinstance(item, YamlMap) or not isinstance(uses, YamlScalar) or not uses.text:
                self.report.add(item.span, rules.alternative_without_uses())
                continue
            yield AlternativeDecl(uses, self._params(item.get("with")), self._falls(item.get("on")))

    def _falls(self, node: YamlNode | None) -> tuple[Kind, ...]:
        """The kinds of failure after which an alternative is tried."""
        names = list(self._names(node, "on"))
        for name in names:
            if name.text not in FALLEN:
                self.report.add(name.span, rules.never_falls_back(name.text, FALLEN))
        return tuple(kind for kind in FALLEN if any(name.text == kind for name in names)) or FALLS

    def _params(self, node: YamlNode | None) -> MapValue | None:
        if node is None or (isinstance(node, YamlScalar) and node.value is None):
            return None
        value = value_of(node, self.report)
        if isinstance(value, MapValue):
            return value
        self.report.add(node.span, rules.not_parameters(describe(node)))
        return None

    def _names(self, node: YamlNode | None, key: str) -> Iterator[YamlScalar]:
        items = node.items if isinstance(node, YamlList) else () if node is None else (node,)
        for item in items:
            if isinstance(item, YamlScalar) and isinstance(item.value, str):
                yield item
            else:
                self.report.add(item.span, rules.not_a_list_of_names(key, describe(item)))

    def _when(self, node: YamlNode | None) -> YamlScalar | Expression | None:
        if node is None:
            return None
        value = value_of(node, self.report)
        if isinstance(value, Unread):
            return None
        if isinstance(value, Expression) or (isinstance(value, YamlScalar) and isinstance(value.value, bool)):
            return value
        self.report.add(node.span, instance_rules.when_not_an_expression(describe(node)))
        return None

    def _options(self, node: YamlMap) -> Options:
        retry = node.get("retry")
        attempts = retry.get("attempts") if isinstance(retry, YamlMap) else retry
        provider = node.get("provider")
        return Options(
            cache=self._option(node.get("cache"), lambda v: v in CACHES, rules.bad_cache()) or "auto",
            timeout=self._option(node.get("timeout"), is_positive, rules.bad_timeout()),
            attempts=self._option(
                attempts if attempts is not None else retry,
                lambda v: isinstance(v, int) and is_positive(v) and v <= MOST_ATTEMPTS,
                rules.bad_retry(MOST_ATTEMPTS),
            ),
            retried=self._retried(retry) or Options().retried,
            pause=self._pause(retry),
            takes=self._option(
                node.get("takes"),
                lambda v: isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= MOST_TAKES,
                rules.bad_takes(MOST_TAKES),
            )
            or 1,
            missing=self._option(node.get("missing"), lambda v: v in MISSING, rules.bad_missing()) or "fail",
            approve=self._option(node.get("approve"), lambda v: isinstance(v, bool), rules.bad_approve())
            or False,
            provider=self._option(provider, lambda v: isinstance(v, str), rules.bad_provider()) or "",
        )

    def _retried(self, node: YamlNode | None) -> tuple[Kind, ...]:
        """The kinds of failure that `retry` names."""
        if not isinstance(node, YamlMap):
            return ()
        node = known_keys(node, RETRY_KEYS, "`retry`", self.report)
        names = list(self._names(node.get("on"), "on"))
        for name in names:
            if name.text not in RETRIED:
                self.report.add(name.span, rules.never_retried(name.text, RETRIED))
        return tuple(kind for kind in RETRIED if any(name.text == kind for name in names))

    def _pause(self, node: YamlNode | None) -> Pause:
        """How long `retry` waits between attempts."""
        if not isinstance(node, YamlMap):
            return Pause()
        delay = self._option(node.get("delay"), lambda v: is_from(v, 0, LONGEST_DELAY), rules.bad_delay())
        backoff = self._option(node.get("backoff"), lambda v: is_from(v, 1, 10), rules.bad_backoff())
        within = self._option(node.get("within"), is_positive, rules.bad_within())
        if within is not None and within <= (delay or 0):
            self.report.add(node.span, rules.no_time_to_retry(within, delay))
        return Pause(delay or 0, backoff or 1, within)

    def _option(self, node: YamlNode | None, good: Callable[[Any], bool], problem: Problem) -> Any:
        return option(node, good, problem, self.report)
