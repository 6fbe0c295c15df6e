"""Decisions that contradict each other after a merge: which they are, and what a person chooses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.lock.lines import Decided, Line, Pin, text_of
from callsheet.runtime.lock.model import Decision, Recipe
from callsheet.runtime.lock.read import Content
from callsheet.spec import shell
from callsheet.spec.rules import lock as rules
from callsheet.spec.suggest import suggest

Side = Literal["ours", "theirs"]
RECIPES: Final = "recipes/"
DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two lines of a lock file of which only one can hold, in the order of the file: a merge puts ours
    first. name: the address, or `recipes/git+…` for the pin of a recipe."""

    name: str
    ours: Decided | Pin
    theirs: Decided | Pin


def disputes_in(content: Content) -> list[Dispute]:
    """The disputes in all sections."""
    found: list[Dispute] = []
    earlier: dict[tuple[str, str], list[Decided | Pin]] = {}
    for line in content.lines:
        if not isinstance(line, Decided | Pin):
            continue
        about = ("recipe", line.uses) if isinstance(line, Pin) else (line.section, line.address)
        before = earlier.setdefault(about, [])
        found += [Dispute(_name(line), one, line) for one in before if _differ(one, line)]
        before.append(line)
    return found


def _name(line: Decided | Pin) -> str:
    return f"{RECIPES}{line.uses}" if isinstance(line, Pin) else line.address


def _differ(one: Decided | Pin, other: Decided | Pin) -> bool:
    if isinstance(one, Decided) and isinstance(other, Decided):
        return one.decision.differs_from(other.decision)
    return isinstance(one, Pin) and isinstance(other, Pin) and one.recipe != other.recipe


def refuse_disputes(content: Content, path: Path, pipeline: Path) -> None:
    """Raises PipelineError that names every dispute with its place, and who decided what and when."""
    found = disputes_in(content)
    if not found:
        return
    report, source = Report(), Source(path, path.read_text("utf-8", "replace"))
    for dispute in found:
        written = text_of(dispute.theirs)
        start = max(source.text.rfind(written), 0)
        said = rules.dispute(
            dispute.name,
            described(dispute.ours),
            described(dispute.theirs),
            shell.quoted(dispute.name),
            shell.quoted(str(pipeline)),
        )
        report.add(Span(source, start, start + len(written) if start else 0), said)
    raise PipelineError(report.sorted())


def described(line: Decided | Pin) -> str:
    """What a line decides, who decided it, when and why."""
    by = line.recipe if isinstance(line, Pin) else line.decision
    what = f"commit {by.commit[:DIGITS]}" if isinstance(by, Recipe) else told(by)
    who = f" by {by.by}" if by.by else ""
    when = f", {by.at[:10]}" if by.at else ""
    note = f" ({by.note})" if isinstance(by, Decision) and by.note else ""
    return f"{what}{who}{when}{note}"


def told(decision: Decision) -> str:
    """A decision in a few words."""
    digest = f" ({decision.digest[:DIGITS]}…)" if decision.digest else ""
    match decision.kind:
        case "takes":
            return f"{decision.number} takes"
        case "pick":
            return f"take {decision.number} picked{digest}"
        case "approve":
            return f"approved{digest}"
    return f"rejected{digest}"


def chosen(content: Content, ours: Collection[str], theirs: Collection[str]) -> tuple[Content, list[str]]:
    """The content after a person chose: names of disputes for each side, "" for all that are left.

    Returns also what was decided, a sentence each. Raises InputError for a name without a dispute.
    """
    found = disputes_in(content)
    names = [dispute.name for dispute in found]
    for name in {*ours, *theirs} - {""}:
        if name not in names:
            raise InputError(f"nobody disputes {name}", suggest(name, names, "disputes"))
    gone: list[Line] = []
    said: list[str] = []
    for dispute in found:
        side = _side(dispute.name, ours, theirs)
        if side is None:
            continue
        kept, dropped = dispute.ours, dispute.theirs
        if side == "theirs":
            kept, dropped = dropped, kept
        gone.append(dropped)
        said.append(f"{dispute.name}: {described(kept)}; dropped: {described(dropped)}")
    return replace(content, lines=tuple(line for line in content.lines if line not in gone)), said


def _side(name: str, ours: Collection[str], theirs: Collection[str]) -> Side | None:
    if name in ours:
        return "ours"
    if name in theirs:
        return "theirs"
    return "ours" if "" in ours else "theirs" if "" in theirs else None


def latest(content: Content) -> tuple[Content, list[str]]:
    """The content with the later of two sides in every dispute: in a rebase, what the person decided whose
    commits are put on top."""
    return chosen(content, (), ("",))
