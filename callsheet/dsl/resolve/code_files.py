"""Code files that a pipeline names: `uses: ./nodes/slate.py#slate`. They run only when a person says so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.diagnostic import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.media_files import is_outside
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.node import NodeSpec, Specs

CODE: Final = re.compile(r"(?P<path>\.{1,2}/[^#]*\.py)(?:#(?P<function>.*))?\Z", re.DOTALL)


def is_code(uses: str) -> bool:
    """Whether `uses` names a code file beside the pipeline."""
    return CODE.match(uses) is not None


def code_node(
    uses: YamlScalar, specs: Specs, origin: Origin, given: Given, report: Report
) -> NodeSpec | None:
    """The function that `uses` names as a node; what keeps it from being one is reported.

    Nothing of the file is executed unless the person running trusts it. Raises PlugInError.
    """
    match = CODE.match(uses.text)
    assert match is not None
    if origin.foreign:
        message = "a recipe from elsewhere is data; no code comes with it"
        report.error(
            "untrusted-code", uses.span, message, "publish the node as a package that people install"
        )
        return None
    path, function = origin.base / match["path"], match["function"] or ""
    problem = _unusable(path, function, origin.root or origin.base)
    if problem is not None:
        report.error("bad-plug-in", uses.span, *problem)
        return None
    if not given.trust:
        _untrusted(uses.span, match["path"], report)
        return None
    return specs.find_code(uses.text, path.resolve(), function)


def _unusable(path: Path, function: str, root: Path) -> tuple[str, str] | None:
    if not function.isidentifier():
        return "this names no function of the file", f"write `./{path.name}#name`"
    try:
        inside = not is_outside(path, root)
        there = path.is_file()
    except OSError:
        inside = there = False
    if there and not inside:
        return f"{path.name} lies outside the project", "copy it into the project, or make a package of it"
    return None if there else (f"there is no file {path}", f"paths start at {path.parents[0]}")


def _untrusted(span: Span, name: str, report: Report) -> None:
    report.error(
        "untrusted-code",
        span,
        f"{name} is code, and checking it would run it",
        "read it; if you trust it, say so with --trust",
    )
