"""Merges lock files: three versions of one, as git gives them to a driver, or what a merge of lines left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.dsl.address import elements
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.errors import PipelineError
from callsheet.runtime.lock.fast_read import quick
from callsheet.runtime.lock.lines import Decided, Line, Result, Writer, text_of
from callsheet.runtime.lock.read import ENTRY, MARK, Content, parse, read
from callsheet.runtime.lock.write import HEAD, VERSION
from callsheet.spec.rules import lock as rules

TOLERATED: Final = {"yaml-duplicate-key", "lock-empty"}
"""Codes of problems that a merge of version 1 may leave. An empty entry is ignored."""
TWICE: Final = re.compile(rf"^(?P<name>  \S.*:\n)(?P<entries>(?:{ENTRY}\n){{2,}})", re.MULTILINE)
SAYS: Final = re.compile(r"^lock: ([0-9]{1,9})\r?$", re.MULTILINE)
OURS, BASE, THEIRS = "<", "|", ">"
LINE: Final = re.compile(r"^- \{.*\}$", re.MULTILINE)


def merged(base: Content, ours: Content, theirs: Content) -> tuple[Line, ...]:
    """The lines that one side added, and those that neither removed. Ours come first, so that where two
    decide differently the order tells who is who. What one side decided about an instance follows it where
    the other side renamed it."""
    sides = base.lines, _following(base, ours, theirs), _following(base, theirs, ours)
    was, mine, others = ({text_of(line): line for line in lines} for lines in sides)
    kept = [line for text, line in mine.items() if text not in was or text in others]
    added = [line for text, line in others.items() if text not in mine and text not in was]
    return *kept, *added


def _following(base: Content, side: Content, other: Content) -> tuple[Line, ...]:
    """The lines of `side`, its new decisions with the addresses that `other` gave to their instances."""
    before, moves = {text_of(line) for line in base.lines}, _renames(base, other)
    return tuple(
        replace(line, address=moves.get((line.section, line.address), line.address))
        if isinstance(line, Decided) and text_of(line) not in before
        else line
        for line in side.lines
    )


def _renames(base: Content, side: Content) -> dict[tuple[str, str], str]:
    """Section and address of an instance in `base` → its address in `side`, where that has it under another
    one: the only new address with its result, or the only one of those with the same element."""
    was, now = _results(base), _results(side)
    come: dict[tuple[str, str], list[str]] = {}
    for (section, address), key in now.items():
        if (section, address) not in was:
            come.setdefault((section, key), []).append(address)
    found = {}
    for (section, address), key in was.items():
        new = come.get((section, key), []) if (section, address) not in now else []
        if len(new) > 1:
            new = [other for other in new if elements(other) == elements(address)]
        if len(new) == 1:
            found[section, address] = new[0]
    return found


def _results(content: Content) -> dict[tuple[str, str], str]:
    """Section and address → key."""
    return {(x.section, x.address): x.made.key for x in content.lines if isinstance(x, Result)}


def readable(path: Path) -> Content:
    """The lock at `path`, also with what a merge of lines leaves in it: the marks of a conflict, two entries
    of one instance, lines of two versions. All that both sides say is in it.

    Raises PipelineError for a file with other problems, or of a newer version.
    """
    try:
        return read(path)
    except PipelineError as error:
        codes = {diagnostic.code for diagnostic in error.diagnostics}
        if "language-version" in codes or not _is_merged(path):
            raise
    text = path.read_text("utf-8")
    _refuse_newer(Source(path, text))
    sides = [_side(Source(path, "".join(_lines(text, side)))) for side in (OURS, THEIRS)]
    found = (line for side in sides for line in side if not isinstance(line, Writer))
    return Content(VERSION, tuple({text_of(line): line for line in found}.values()))


def _refuse_newer(source: Source) -> None:
    """Raises PipelineError when one of the sides is of a newer version."""
    report = Report()
    for said in SAYS.finditer(source.text):
        if int(said[1]) > VERSION:
            report.add(Span(source, *said.span(1)), rules.newer_lock(int(said[1]), VERSION))
    if report.failed:
        raise PipelineError(report.sorted())


def _is_merged(path: Path) -> bool:
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return False
    versions = "\ninstances:\n" in text or len(SAYS.findall(text)) > 1
    both = bool(LINE.search(text)) and versions
    return both or bool(MARK.search(text) or TWICE.search(text))


def _side(source: Source) -> Iterator[Line]:
    """The lines of one side: those of version 2 each by itself, the rest as version 1."""
    text = source.text
    new = quick(f"{HEAD}lock: {VERSION}\n\nlines:\n" + "\n".join(LINE.findall(text)))
    if new is not None and "\ninstances:\n" not in text:
        yield from new
        return
    yield from new or ()
    rest = re.sub(r"^lock: 2$", "lock: 1", LINE.sub("", text).replace("\nlines:\n", "\n"), flags=re.MULTILINE)
    for half in _halves(rest):
        report = Report()
        found = parse(Source(source.path, half), report)
        if broken := [d for d in report.sorted() if d.code not in TOLERATED]:
            raise PipelineError(broken)
        yield from found.lines


def _halves(text: str) -> Iterator[str]:
    """The text with the first, and with the last of two entries in a row."""
    yield TWICE.sub(lambda m: m["name"] + m["entries"].splitlines(keepends=True)[0], text)
    yield TWICE.sub(lambda m: m["name"] + m["entries"].splitlines(keepends=True)[-1], text)


def _lines(text: str, side: str) -> Iterator[str]:
    """The lines of one side of a text with conflict markers."""
    now = ""
    for line in text.splitlines(keepends=True):
        if MARK.fullmatch(line.rstrip("\r\n")):
            now = {"<": OURS, "|": BASE, "=": THEIRS, ">": ""}[line[0]]
        elif now in ("", side):
            yield line
