"""What differs inside of recipes between two commits: their inputs, outputs, axes and nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.yaml.nodes import to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.runtime.diff.text_diff import differences
from callsheet.spec.types import NOTHING
from callsheet.spec.wording import shown

NOUNS: Final = {"inputs": "input", "outputs": "output", "axes": "axis", "nodes": "node"}
Data = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RecipeChange:
    """A recipe file that differs. path: inside of its repository. what: each difference in words."""

    path: str
    what: tuple[str, ...]


def recipe_changes(old: Mapping[str, Path], new: Mapping[str, Path]) -> tuple[RecipeChange, ...]:
    """The differences of the recipe files that a film uses. old and new: path inside of the repository → the
    file on this machine."""
    return tuple(
        RecipeChange(name, what)
        for name in {**new, **old}
        if (what := tuple(_between(old.get(name), new.get(name))))
    )


def _between(old: Path | None, new: Path | None) -> Iterator[str]:
    if old is None:
        yield "used now"
    elif new is None:
        yield "no longer used"
    else:
        yield from _differences(_data(old), _data(new))


def _data(path: Path) -> Data:
    """The content of a recipe file; nothing for one that cannot be read."""
    report = Report()
    source = read_source(path, report)
    root = read_yaml(source, report) if source else None
    data = to_data(root) if root is not None and not report.failed else None
    return data if isinstance(data, dict) else {}


def _differences(old: Data, new: Data) -> Iterator[str]:
    for section, noun in NOUNS.items():
        yield from _of_section(noun, _named(old.get(section)), _named(new.get(section)))
    others = ({k: v for k, v in side.items() if k not in NOUNS} for side in (old, new))
    yield from (difference.reason for difference in differences(*others))


def _named(section: object) -> Data:
    return section if isinstance(section, dict) else {}


def _of_section(noun: str, old: Data, new: Data) -> Iterator[str]:
    for name in {**new, **old}:
        was, now = old.get(name, NOTHING), new.get(name, NOTHING)
        if was is NOTHING:
            yield f"new {noun} {name}{_about(now)}"
        elif now is NOTHING:
            yield f"no {noun} {name} any more"
        elif isinstance(was, dict) and isinstance(now, dict):
            yield from (f"{noun} {name}: {reason}" for reason in _reasons(was, now))
        else:
            found = differences({"": was}, {"": now})
            yield from (f"{noun} {name}{difference.reason}" for difference in found)


def _reasons(old: Data, new: Data) -> Iterator[str]:
    """The differences of one entry. What it uses is told in full."""
    was, now = old.get("uses"), new.get("uses")
    if was != now:
        yield f"uses: {was} → {now}"
    kept = ({k: v for k, v in side.items() if k != "uses"} for side in (old, new))
    yield from (difference.reason for difference in differences(*kept))


def _about(value: object) -> str:
    """`: fal-ai/kolors`, or `: string, default "warm"`; "" for what is longer."""
    if not isinstance(value, dict):
        return "" if isinstance(value, list) else f": {shown(value)}"
    if isinstance(value.get("uses"), str):
        return f": {value['uses']}"
    if not isinstance(value.get("type"), str):
        return ""
    return f": {value['type']}" + (f", default {shown(value['default'])}" if "default" in value else "")
