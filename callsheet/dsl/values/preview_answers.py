"""Reads the answers that a person gives to a preview: outputs of nodes or instances, in a file beside the
pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.values import Absent
from callsheet.dsl.values.inputs import admit
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar, describe
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.spec.node import NodeSpec
from callsheet.spec.rules import previews as rules
from callsheet.spec.types import Field, Record, Type, bare, media_in

Answers = Mapping[str, Mapping[str, object]]
"""Node or address → output → its value, with `LocalFile` in place of media."""
URLS = ("https://", "http://", "data:")


def read_answers(path: Path, specs: Mapping[str, NodeSpec], origin: Origin, report: Report) -> Answers:
    """The answers in the file at `path`; none where there is no file. specs: what they may be of, by node and
    by address. origin: of the pipeline, whose files the answers may name."""
    if not path.is_file():
        return {}
    source = read_source(path, report)
    node = read_yaml(source, report) if source else None
    if node is None:
        return {}
    if not isinstance(node, YamlMap):
        report.add(node.span, rules.no_answers(describe(node)))
        return {}
    place = replace(origin, base=path.parent)
    found = {name: _outputs(name, key, value, specs, place, report) for name, key, value in node}
    return {name: outputs for name, outputs in found.items() if outputs}


def _outputs(
    name: str,
    key: YamlScalar,
    node: YamlNode,
    specs: Mapping[str, NodeSpec],
    origin: Origin,
    report: Report,
) -> dict[str, object]:
    spec = specs.get(name)
    if spec is None:
        report.add(key.span, rules.no_such_instance(name, specs))
        return {}
    if spec.provider == "local":
        report.add(key.span, rules.answer_of_operation(name))
        return {}
    wanted = Record({output: Field(t) for output, t in spec.outputs.items()})
    for scalar in _elsewhere(wanted, node):
        report.add(scalar.span, rules.answer_elsewhere())
    value = admit(Field(wanted, required=True), node, origin, report)
    given = value if isinstance(value, dict) else {}
    return {output: answer for output, answer in given.items() if not isinstance(answer, Absent)}


def _elsewhere(t: Type, node: YamlNode) -> Iterator[YamlScalar]:
    """The URLs where media are taken."""
    match bare(t), node:
        case Record(fields), YamlMap():
            for name, _, value in node:
                if name in fields:
                    yield from _elsewhere(fields[name].type, value)
        case inner, YamlScalar(value=str(text)) if any(media_in(inner)) and text.startswith(URLS):
            yield node
        case inner, _ if hasattr(inner, "item") and not isinstance(node, YamlMap | YamlScalar):
            for item in node.items:
                yield from _elsewhere(inner.item, item)
