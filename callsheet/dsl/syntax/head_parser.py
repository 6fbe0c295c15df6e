"""Reads what a recipe says about itself: version, requirement, examples, nodes that may be overridden."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from callsheet._version import __version__
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.syntax.ast import Head, InputDecl, NodeDecl
from callsheet.dsl.syntax.value_parser import text_of
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.spec.requirement import fits, requirement_in
from callsheet.spec.rules import inputs as input_rules
from callsheet.spec.rules import recipes as rules

HEAD_KEYS: Final = ("version", "requires", "examples", "override")
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}\Z")
EXAMPLE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")


def meets(root: YamlMap, report: Report) -> bool:
    """Whether this callsheet is one that the file works with. If it is not, that is the one error: what else
    is in the file may be in a language to come."""
    node = root.get("requires")
    if node is None:
        return True
    wanted = requirement_in(node.value) if isinstance(node, YamlScalar) else None
    if wanted is None:
        report.add(node.span, rules.bad_requirement())
        return True
    if fits(__version__, wanted):
        return True
    report.add(node.span, rules.other_callsheet(wanted, __version__))
    return False


def head_of(
    root: YamlMap, inputs: Mapping[str, InputDecl], nodes: Mapping[str, NodeDecl], report: Report
) -> Head:
    """What the file with this root says about itself. Errors are reported."""
    requires = root.get("requires")
    version, place = text_of(root, "version", report) or "", root.get("version")
    if version and place is not None and not VERSION.match(version):
        report.add(place.span, rules.bad_version(version))
    return Head(
        version,
        requires.text if isinstance(requires, YamlScalar) else "",
        dict(_examples(root.get("examples"), inputs, report)),
        _open(root.get("override"), nodes, report),
    )


def _examples(
    node: YamlNode | None, inputs: Mapping[str, InputDecl], report: Report
) -> Iterator[tuple[str, YamlMap]]:
    if node is None:
        return
    if not isinstance(node, YamlMap):
        report.add(node.span, rules.not_examples(describe(node)))
        return
    for name, key, values in node:
        if not EXAMPLE.match(name):
            report.add(key.span, rules.bad_example_name(name))
        elif isinstance(values, YamlScalar) and values.value is None:
            yield name, YamlMap(key.span, ())
        elif isinstance(values, YamlMap):
            for own, place, _ in values:
                if own not in inputs:
                    report.add(place.span, input_rules.unknown_input(own, inputs))
            yield name, values
        else:
            report.add(values.span, rules.not_an_example(name, describe(values)))


def _open(
    node: YamlNode | None, nodes: Mapping[str, NodeDecl], report: Report
) -> tuple[YamlScalar, ...] | None:
    """The nodes that users may override; None for all."""
    if node is None:
        return None
    names = node.items if isinstance(node, YamlList) else ()
    found = tuple(name for name in names if isinstance(name, YamlScalar) and isinstance(name.value, str))
    if not isinstance(node, YamlList) or len(found) < len(names):
        report.add(node.span, rules.not_open_nodes(describe(node)))
    for name in found:
        if name.text.partition("/")[0] not in nodes:
            report.add(name.span, rules.no_node_to_override(name.text, nodes))
    return found
