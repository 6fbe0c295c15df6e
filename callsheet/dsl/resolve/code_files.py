"""Code files that a pipeline names: `uses: ./nodes/slate.py#slate`. They run only with `--trust`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.media_files import is_hidden, is_outside
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.rules import models as rules
from callsheet.spec.rules.rule import Problem

CODE: Final = re.compile(r"(?P<path>\.{1,2}/[^#]*\.py)(?:#(?P<function>.*))?\Z", re.DOTALL)


def is_code(uses: str) -> bool:
    """Whether `uses` names a code file beside the pipeline."""
    return CODE.match(uses) is not None


def code_node(
    uses: YamlScalar, specs: Specs, origin: Origin, given: Given, report: Report
) -> NodeSpec | None:
    """The function that `uses` names, as a node; None after an error, which is reported.

    The file is not executed unless the user trusts it. Raises PlugInError.
    """
    match = CODE.match(uses.text)
    assert match is not None
    if origin.foreign:
        report.add(uses.span, rules.foreign_code())
        return None
    path, function = origin.base / match["path"], match["function"] or ""
    problem = _unusable(path, function, origin.root or origin.base)
    if problem is not None:
        report.add(uses.span, problem)
        return None
    if not given.permissions.trust:
        report.add(uses.span, rules.untrusted_code(match["path"]))
        return None
    return specs.find_code(uses.text, path.resolve(), function)


def _unusable(path: Path, function: str, root: Path) -> Problem | None:
    if not function.isidentifier():
        return rules.no_function(path.name)
    try:
        if not path.is_file():
            return rules.no_code_file(path, path.parents[0])
        if is_outside(path, root):
            return rules.code_outside(path.name)
        return rules.hidden_code(path.name) if is_hidden(path, root) else None
    except OSError:
        return rules.no_code_file(path, path.parents[0])
