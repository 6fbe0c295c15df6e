"""Gives a text parameter of a node another text, in the file of the pipeline."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.substitute.reword import reworded, text_of
from callsheet.dsl.values.inputs import Files
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.check import load
from callsheet.runtime.store import atomic as disk
from callsheet.spec.draft import drafted

BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Reworded:
    """A change of a pipeline file. before and after: its whole text."""

    file: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as the lines of a unified diff."""
        name = self.file.name
        lines = self.before.splitlines(), self.after.splitlines()
        return "\n".join(difflib.unified_diff(*lines, name, name, lineterm=""))


def template_of(file: Path, node: str, parameter: str) -> str | None:
    """What the file says of a text parameter of a node, with its expressions; None where it does not say it
    there. Raises PipelineError for a file that is not YAML."""
    report = Report()
    source = read_source(file, report)
    found = text_of(read_yaml(source, report) if source else None, node, parameter)
    return found.text if found else None


def wording(file: Path, node: str, parameter: str, text: str, before: str | None = None) -> Reworded:
    """The file with `text` in the place of what it says of a parameter; comments and layout stay. Writes
    nothing.

    before: what the person saw there. Raises InputError where there is no such text, or where the file says
    something else by now; PipelineError for a file that is not YAML.
    """
    report = Report()
    source = read_source(file, report)
    if source is None:
        raise PipelineError(report.sorted())
    old = text_of(read_yaml(source, report), node, parameter)
    if old is None:
        raise InputError(
            f"{file} has no text for `{parameter}` of {node}", "change it where it is written: in its recipe"
        )
    if before is not None and old.text != before:
        raise InputError(f"`{parameter}` of {node} was changed meanwhile in {file}", "look at it again")
    return Reworded(file, source.text, reworded(source, node, parameter, text))


def reword(
    file: Path,
    node: str,
    parameter: str,
    text: str,
    before: str | None = None,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
) -> Reworded:
    """Write `text` in the place of what the file says of a parameter; comments and layout stay.

    sets and inputs: with which the new file is checked first, as in `check`; one that has errors is not
    written. Raises as `wording`, PipelineError for errors, StoreError.
    """
    done = wording(file, node, parameter, text, before)
    with drafted(file, done.after):
        load(file, sets, inputs)
    _write(done)
    return done


def _write(done: Reworded) -> None:
    """Write a text with the byte order mark and the permissions of the file. Raises InputError where the file
    was changed meanwhile, StoreError."""
    path = done.file.resolve()
    data = path.read_bytes()
    mark = BOM if data.startswith(BOM) else b""
    if data != mark + done.before.encode():
        raise InputError(f"{done.file} was changed meanwhile", "look at it again")
    disk.replace(path, [mark + done.after.encode()], path.stat().st_mode & 0o777)
