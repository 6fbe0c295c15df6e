"""The descriptions of all models that a film names, as the catalogue has them now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.nodes.catalogue import catalogue
from callsheet.runtime.archive_note import Records
from callsheet.spec.pipeline_files import ENDINGS


def records_called(graph: Graph) -> Records:
    """The records of the endpoints that `graph` calls, or may call."""
    return _records(spec.uses for instance in graph.instances.values() for spec in instance.specs)


def records_of(graph: Graph) -> Records:
    """Also the records of all endpoints that its files name: a film can be checked only if those are known,
    too, that its inputs do not choose now."""
    named = (text for path in graph.files for text in _texts(path))
    return {**records_called(graph), **_records(text for text in named if "/" in text)}


def _records(names: Iterable[str]) -> Records:
    found = ((uses, catalogue.record(uses)) for uses in sorted(set(names)))
    return {uses: dict(record) for uses, record in found if record is not None}


def _texts(path: Path) -> Iterator[str]:
    """Every text in a YAML file; nothing of another file."""
    report = Report()
    source = read_source(path, report) if path.suffix in ENDINGS else None
    root = read_yaml(source, report) if source else None
    return _leaves(root) if root is not None else iter(())


def _leaves(node: YamlNode) -> Iterator[str]:
    match node:
        case YamlScalar(text=text):
            yield text
        case YamlList(items=items):
            for item in items:
                yield from _leaves(item)
        case YamlMap(entries=entries):
            for _, value in entries:
                yield from _leaves(value)
