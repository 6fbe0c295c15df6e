"""An outline as text, Mermaid, DOT or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from callsheet.dsl.outline import Box, Outline
from callsheet.spec.plural import plural


def as_text(drawn: Outline) -> str:
    """One line a node: name, how many, what runs, what it waits for."""
    total = sum(box.count for box in drawn.boxes)
    more = sum(box.more for box in drawn.boxes)
    unknown = f", at most {more:,} unknown yet" if more else ""
    lines = [f"{drawn.title}  {plural(len(drawn.boxes), 'node')}, {plural(total, 'instance')}{unknown}"]
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
    if box.more:
        return f"{box.name} ×?≤{box.count + box.more}"
    return f"{box.name} ×{box.count}" if box.count != 1 else box.name


def as_mermaid(drawn: Outline) -> str:
    """A flowchart; ids are prefixed because words such as `style` mean something to Mermaid."""
    ids = {box.name: f"n{i}" for i, box in enumerate(drawn.boxes)}
    lines = ["flowchart LR"]
    for box, opened, closed in _clustered(drawn.boxes):
        lines += ["  end"] * closed
        lines += [f'  subgraph {ids[box.name]}_{depth} ["{_html(name)}"]' for depth, name in opened]
        lines.append(f'  {ids[box.name]}["{_html(_counted(box))}<br/><small>{_html(box.uses)}</small>"]')
    lines += ["  end"] * (len(drawn.boxes[-1].within) if drawn.boxes else 0)
    lines += [f"  {ids[a]} --> {ids[b]}" for a, b in drawn.edges]
    for i, (name, sources) in enumerate(drawn.outputs.items()):
        lines.append(f'  o{i}(["{_html(name)}"])')
        lines += [f"  {ids[source]} --> o{i}" for source in sources]
    return "\n".join(lines)


def _clustered(boxes: Sequence[Box]) -> Iterator[tuple[Box, list[tuple[int, str]], int]]:
    """Each box with the recipes that begin before it (depth and name), and how many end before that."""
    open_: tuple[str, ...] = ()
    for box in boxes:
        same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(open_, box.within, strict=False))
        )
        yield box, list(enumerate(box.within))[same:], len(open_) - same
        open_ = box.within


def _html(text: str) -> str:
    for char, code in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(char, code)
    return text


def as_dot(drawn: Outline) -> str:
    """A Graphviz digraph."""
    lines = [f"digraph {_quoted(drawn.title)} {{", "  rankdir=LR; node [shape=box];"]
    for box, opened, closed in _clustered(drawn.boxes):
        lines += ["  }"] * closed
        lines += [
            f"  subgraph {_quoted(f'cluster {box.name} {d}')} {{ label={_quoted(n)};" for d, n in opened
        ]
        lines.append(f"  {_quoted(box.name)} [label={_quoted(_counted(box) + chr(10) + box.uses)}];")
    lines += ["  }"] * (len(drawn.boxes[-1].within) if drawn.boxes else 0)
    lines += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in drawn.edges]
    for name, sources in drawn.outputs.items():
        lines.append(f"  {_quoted('output ' + name)} [label={_quoted(name)}, shape=oval];")
        lines += [f"  {_quoted(source)} -> {_quoted('output ' + name)};" for source in sources]
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def as_json(drawn: Outline) -> str:
    """Nodes, edges and outputs as one object."""
    return json.dumps(drawn.to_json(), ensure_ascii=False, indent=2)


FORMATS: Final[dict[str, Callable[[Outline], str]]] = {
    "text": as_text,
    "mermaid": as_mermaid,
    "dot": as_dot,
    "json": as_json,
}
