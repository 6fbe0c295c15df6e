"""Rewrites a pipeline file for another model, and checks the new text before anything is written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.compiler import compile_source
from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.substitute.rewrite import Remark
from callsheet.dsl.substitute.rewrite import substitute as rewrite
from callsheet.dsl.values.inputs import Files, Given, paths_of
from callsheet.dsl.yaml.nodes import YamlNode
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.errors import InputError, PipelineError
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.openapi.project_models import FOLDER as MODELS
from callsheet.nodes.openapi.project_models import Models
from callsheet.nodes.registry import Registry
from callsheet.runtime.models import model_called
from callsheet.runtime.recipes.pinned import PinnedRecipes
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.permissions import PERMISSIONS

BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Substituted(Document):
    """A pipeline file for another model, not written yet.

    before and after: the whole text. nodes: the names of the nodes that change, each once. remarks: what was
    carried over in another form, or could not be. diagnostics: what `check` says about the new text.
    """

    ALSO = ("ok", "diff")

    file: Path
    before: str
    after: str
    nodes: tuple[str, ...]
    remarks: tuple[Remark, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether the new text passes `check`."""
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            str(self.file),
            str(self.file),
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )

    def write(self) -> None:
        """Write the new text into the file, with its byte order mark and its permissions. Raises
        StoreError."""
        path = self.file.resolve()
        mark = BOM if path.read_bytes().startswith(BOM) else b""
        disk.replace(path, [mark + self.after.encode()], path.stat().st_mode & 0o777)


def substitute(
    file: Path,
    old: str,
    new: str,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
) -> Substituted:
    """Replace the model `old` with `new` in the text of a pipeline file; writes nothing.

    sets and inputs: the input values with which the new text is checked, as in `check`.
    Raises InputError when there is no model `new` or the file does not use `old`, PipelineError for a file
    that is not YAML.
    """
    registry = Registry(own=Models(Workspace.of(file).root / MODELS))
    target = model_called(registry, new)
    source, root = _read(file)
    done = rewrite(source, root, old, registry.find(old), target)
    if not done.nodes:
        raise InputError(f"{file} does not use {old}", "callsheet graph FILE lists the models that it uses")
    given = Given(dict(sets or {}), paths_of(inputs), permissions=PERMISSIONS.get())
    report = _checked(Source(file, done.text), given, registry)
    nodes = tuple(dict.fromkeys(done.nodes))
    return Substituted(file, source.text, done.text, nodes, tuple(done.remarks), report.sorted())


def _read(file: Path) -> tuple[Source, YamlNode]:
    report = Report()
    source = read_source(file, report)
    root = read_yaml(source, report) if source else None
    if source is not None and root is None and not report.failed:
        raise InputError(f"{file} is empty", "callsheet init writes an example")
    if source is None or root is None:
        raise PipelineError(report.sorted())
    return source, root


def _checked(source: Source, given: Given, registry: Registry) -> Report:
    report, recipes = Report(), PinnedRecipes(Workspace.of(source.path), source.path)
    compile_source(source, given, registry, report, recipes, MediaInspector())
    return report
