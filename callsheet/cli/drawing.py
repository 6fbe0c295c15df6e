"""An outline as text, Mermaid, DOT or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from callsheet.dsl.outline import Box, Outline


def as_text(drawn: Outline) -> str:
    """One line a node: name, how many, what runs, what it waits for."""
    total = sum(box.count for box in drawn.boxes)
    lines = [f"{drawn.title}  {len(drawn.boxes)} nodes, {total:,} instances"]
    name_width = max((len(_counted(box)) for box in drawn.boxes), default=0)
    uses_width = max((len(box.uses) for box in drawn.boxes), default=0)
    sources_of = drawn.sources()
    for box in drawn.boxes:
        sources = ", ".join(sources_of[box.name])
        line = (
            f"  {_counted(box):<{name_width}}  {box.uses:<{uses_width}}  {'← ' + sources if sources else ''}"
        )
        lines.append(line.rstrip())
    lines += [f"  ⇒ {name}  ← {', '.join(names) or 'a constant'}" for name, names in drawn.outputs.items()]
    return "\n".join(lines)


def _counted(box: Box) -> str:
    return f"{box.name} ×{box.count}" if box.count != 1 else box.name


def as_mermaid(drawn: Outline) -> str:
    """A flowchart; ids are prefixed because words such as `style` mean something to Mermaid."""
    ids = {box.name: f"n{i}" for i, box in enumerate(drawn.boxes)}
    lines = ["flowchart LR"]
    lines += [
        f'  {ids[b.name]}["{_html(_counted(b))}<br/><small>{_html(b.uses)}</small>"]' for b in drawn.boxes
    ]
    lines += [f"  {ids[a]} --> {ids[b]}" for a, b in drawn.edges]
    for i, (name, sources) in enumerate(drawn.outputs.items()):
        lines.append(f'  o{i}(["{_html(name)}"])')
        lines += [f"  {ids[source]} --> o{i}" for source in sources]
    return "\n".join(lines)


def _html(text: str) -> str:
    for char, code in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(char, code)
    return text


def as_dot(drawn: Outline) -> str:
    """A Graphviz digraph."""
    lines = [f"digraph {_quoted(drawn.title)} {{", "  rankdir=LR; node [shape=box];"]
    lines += [f"  {_quoted(b.name)} [label={_quoted(_counted(b) + chr(10) + b.uses)}];" for b in drawn.boxes]
    lines += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in drawn.edges]
    for name, sources in drawn.outputs.items():
        lines.append(f"  {_quoted('output ' + name)} [label={_quoted(name)}, shape=oval];")
        lines += [f"  {_quoted(source)} -> {_quoted('output ' + name)};" for source in sources]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def as_json(drawn: Outline) -> str:
    """Nodes, edges and outputs as one object."""
    data = {
        "name": drawn.title,
        "nodes": [{"name": b.name, "uses": b.uses, "instances": b.count} for b in drawn.boxes],
        "edges": [{"from": a, "to": b} for a, b in drawn.edges],
        "outputs": {name: list(sources) for name, sources in drawn.outputs.items()},
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


FORMATS: Final[dict[str, Callable[[Outline], str]]] = {
    "text": as_text,
    "mermaid": as_mermaid,
    "dot": as_dot,
    "json": as_json,
}
