"""Which section of the lock file the inputs of a run belong to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Section
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.inputs import Given, given_node
from callsheet.dsl.yaml.nodes import to_data

DIGITS: Final = 12
FILE: Final = "--inputs"
EACH: Final = "--each"


def section_of(document: Document, given: Given) -> Section:
    """The section for the inputs that are given: that of the profile, and where others are given, too, one
    named by their digest.

    An input that has its default anyway makes no difference. A file of inputs counts by its name, so that its
    section stays when a line in it changes. No value is in the name of a section.
    """
    changed = dict(_changed(document, given))
    if not changed:
        return Section(given.profile, profile=given.profile)
    text = json.dumps(changed, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
    return Section(f"{given.profile or 'inputs'}-{digest}", tuple(changed), given.profile)


def _changed(document: Document, given: Given) -> Iterator[tuple[str, object]]:
    if given.each:
        yield EACH, given.each.name
    if given.files:
        names = [file.name for file in given.files]
        yield FILE, names[0] if len(names) == 1 else names
    for name, text in sorted(given.sets.items()):
        decl = document.inputs.get(name)
        if decl is None:
            continue
        value = to_data(given_node(decl, name, text, Report()))
        if decl.default is None or value != to_data(decl.default):
            yield name, value
