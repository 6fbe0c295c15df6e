"""One file for another model: the new text, what became what, and what could not be carried over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.expression.template import has_expression
from callsheet.dsl.substitute.carry import carried, is_list, medium
from callsheet.dsl.substitute.chosen import renamed
from callsheet.dsl.substitute.edits import Edit, applied, outside_of_dropped, replaced, without
from callsheet.dsl.substitute.legal import legal
from callsheet.dsl.substitute.references import Unreadable, rewritten, scalars
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, to_data
from callsheet.dsl.yaml.reader import core_value
from callsheet.dsl.yaml.writer import quoted, scalar
from callsheet.spec.conform import problems
from callsheet.spec.describe import type_name
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, Field
from callsheet.spec.wording import shown

Kind = Literal["changed", "warning", "lost", "missing", "note"]
WORD: Final = re.compile(r"[A-Za-z0-9]\w*")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to tell of one node.

    kind: *changed* means the same in other words; *warning* means something else, as near as possible;
    *lost* could not be carried over; *missing* is required and not there; *note* changes unwritten.
    """

    kind: Kind
    node: str
    text: str


@dataclass(slots=True)
class Substitution:
    """What comes of it. nodes: the nodes that use the new model now."""

    text: str = ""
    nodes: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def substitute(
    source: Source, root: YamlNode, uses: str, old: NodeSpec | None, new: NodeSpec
) -> Substitution:
    """The file `source`, read as `root`, with `new` wherever it uses `uses`.

    old: what is known of the model that it uses; without it, parameters keep their names or are lost.
    """
    work = _Work(source, root, uses, old, new)
    work.run()
    return work.result


class _Work:
    def __init__(
        self, source: Source, root: YamlNode, uses: str, old: NodeSpec | None, new: NodeSpec
    ) -> None:
        self.source, self.root, self.uses, self.old, self.new = source, root, uses, old, new
        self.result = Substitution()
        self.edits: list[Edit] = []

    def run(self) -> None:
        for name, place in self._places():
            self.result.nodes.append(name)
            self._node(name, place)
        for name, edits in renamed(self.root, self.uses, self.new.uses):
            self.result.nodes.append(name)
            self.edits += edits
            self._tell("note", name, "one of the models it chooses from is another; its parameters stay")
        readers = {name for name, place in self._places() if place is self._body(name)}
        if self.old is not None:
            for found in rewritten(self.root, readers, self.old, self.new):
                self._reference(found)
        self.result.text = applied(self.source.text, outside_of_dropped(self.edits))

    def _places(self) -> Iterator[tuple[str, YamlMap]]:
        """Every node, every alternative of a node, and every override, that uses the old model."""
        nodes = self.root.get("nodes") if isinstance(self.root, YamlMap) else None
        for name, _, body in nodes if isinstance(nodes, YamlMap) else ():
            if not isinstance(body, YamlMap):
                continue
            fallback, override = body.get("fallback"), body.get("override")
            places = [body, *(fallback.items if isinstance(fallback, YamlList) else ())]
            places += [one for _, _, one in override] if isinstance(override, YamlMap) else []
            for place in places:
                if isinstance(place, YamlMap) and self._uses(place) is not None:
                    yield name, place

    def _body(self, name: str) -> YamlNode | None:
        nodes = self.root.get("nodes") if isinstance(self.root, YamlMap) else None
        return nodes.get(name) if isinstance(nodes, YamlMap) else None

    def _uses(self, place: YamlMap) -> YamlScalar | None:
        found = place.get("uses")
        return found if isinstance(found, YamlScalar) and found.text == self.uses else None

    def _node(self, name: str, place: YamlMap) -> None:
        uses, params = self._uses(place), place.get("with")
        assert uses is not None
        self.edits.append(replaced(uses, scalar(self.new.uses)))
        entries = params.entries if isinstance(params, YamlMap) else ()
        places = carried(self.old, self.new, [key.text for key, _ in entries])
        lost = {key.text for key, value in entries if not self._entry(name, key, value, places.get(key.text))}
        if isinstance(params, YamlMap) and lost:
            self.edits += without(params, lost)
        if place is self._body(name):  # a fallback inherits what it does not say
            self._unwritten(name, {key.text for key, _ in entries}, lost, places)

    def _entry(self, node: str, key: YamlScalar, value: YamlNode, place: str | None) -> bool:
        """Whether a parameter could be carried over; its edits are made."""
        if place is None:
            self._tell("lost", node, f"`{key.text}: {_short(value)}`: there is no such parameter")
            return False
        wanted = self.new.inputs[self.new.aliases.get(place, place)]
        edits = list(self._value(node, key, value, wanted))
        if None in edits:
            self._tell(
                "lost", node, f"`{key.text}: {_short(value)}`: `{place}` takes {type_name(wanted.type)}"
            )
            return False
        self.edits += [edit for edit in edits if edit is not None]
        if place != key.text:
            self.edits.append(replaced(key, place))
        self._moved(node, key.text, place)
        return True

    def _moved(self, node: str, name: str, place: str) -> None:
        """Tell of another name; a medium that plays another part there is a warning."""
        before = self.old.roles.get(name, "") if self.old else ""
        after = self.new.roles.get(place, "")
        if before and after and before != after:
            was, now = before.replace("_", " "), after.replace("_", " ")
            self._tell("warning", node, f"`{name}` is `{place}`: a {was} before, a {now} now")
        elif place != name:
            self._tell("changed", node, f"`{name}` is `{place}`")

    def _value(self, node: str, key: YamlScalar, value: YamlNode, wanted: Field) -> Iterator[Edit | None]:
        """The edits that make a value fit; None when nothing does. Expressions are left to check."""
        if medium(wanted.type) is not None:
            yield from self._media(node, key, value, wanted)
        elif any(isinstance(s.value, str) and has_expression(s.text) for s in scalars(value)):
            return
        elif isinstance(value, YamlScalar):
            yield from self._constant(node, key, value, wanted)
        elif any(problems(wanted, to_data(value))):
            yield None

    def _constant(
        self, node: str, key: YamlScalar, value: YamlScalar, wanted: Field
    ) -> Iterator[Edit | None]:
        found = legal(wanted, value.value)
        if found is None:
            yield None
        elif found.value != value.value or isinstance(found.value, bool) != isinstance(value.value, bool):
            near = "" if found.same else ", the nearest that it takes"
            kind: Kind = "changed" if found.same else "warning"
            self._tell(kind, node, f"`{key.text}`: {shown(value.value)} → {shown(found.value)}{near}")
            yield replaced(value, _written(found.value))

    def _media(self, node: str, key: YamlScalar, value: YamlNode, wanted: Field) -> Iterator[Edit | None]:
        """One medium where a list is taken, or a list of one where one is."""
        before = self.old.inputs.get(self.old.aliases.get(key.text, key.text)) if self.old else None
        if before is None or is_list(before.type) == is_list(wanted.type):
            return
        if is_list(wanted.type) and isinstance(value, YamlScalar):
            self._tell("changed", node, f"`{key.text}` is a list of one")
            yield from _in_list(value)
        elif isinstance(value, YamlList) and len(value.items) == 1 and isinstance(value.items[0], YamlScalar):
            self._tell("changed", node, f"`{key.text}` is one, not a list")
            item = value.items[0]
            yield Edit(value.span.start, item.span.start, "")
            yield Edit(item.span.end, value.span.end, "")
        else:
            yield None

    def _unwritten(self, node: str, written: set[str], lost: set[str], places: dict[str, str]) -> None:
        """What the new model needs and does not get, and defaults that are others."""
        given = {self.new.aliases.get(p, p) for n, p in places.items() if n not in lost}
        for name, wanted in self.new.inputs.items():
            if name in given:
                continue
            if wanted.required:
                self._tell("missing", node, f"`{name}` ({type_name(wanted.type)}) is required")
            elif self.old and name in self.old.inputs and name not in written:
                before, after = self.old.inputs[name].default, wanted.default
                if NOTHING not in (before, after) and before != after:
                    self._tell(
                        "note", node, f"`{name}` is not given: {shown(before)} before, {shown(after)} now"
                    )

    def _reference(self, found: Edit | Unreadable) -> None:
        if isinstance(found, Edit):
            self.edits.append(found)
        else:
            outputs = ", ".join(f"{n}: {type_name(t)}" for n, t in self.new.outputs.items())
            self._tell("lost", found.node, f"its output `{found.output}`: there is {outputs}")

    def _tell(self, kind: Kind, node: str, text: str) -> None:
        remark = Remark(kind, node, text)
        if remark not in self.result.remarks:
            self.result.remarks.append(remark)


def _in_list(value: YamlScalar) -> Sequence[Edit | None]:
    """Brackets around a value, without touching what is inside of it."""
    start, end, raw = value.span.start, value.span.end, value.span.text
    if value.style in ("'", '"'):
        return [Edit(start, start, "["), Edit(end, end, "]")]
    if value.style == "" and "\n" not in raw and "\\" not in raw:
        quote = next((q for q in ('"', "'") if q not in raw), "")
        if quote:
            return [Edit(start, start, f"[{quote}"), Edit(end, end, f"{quote}]")]
    return [None]


def _written(value: str | int | float | bool) -> str:
    """A value as YAML, as it may stand in flow style too: `9s`, `"10"`, `"16:9"`, `true`."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = WORD.fullmatch(value) and isinstance(core_value(value), str)
    return value if plain else quoted(value)


def _short(value: YamlNode) -> str:
    text = value.span.text if isinstance(value, YamlScalar) else shown(to_data(value))
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
