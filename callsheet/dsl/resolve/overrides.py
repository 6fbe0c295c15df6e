"""Overrides: what the user of a recipe sets for nodes inside of it, without a copy of the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.resolve.alternatives import inherited
from callsheet.dsl.resolve.choice import declared_names
from callsheet.dsl.resolve.code_files import is_code
from callsheet.dsl.resolve.specs import is_recipe
from callsheet.dsl.syntax.ast import AlternativeDecl, Document, MapValue, NodeDecl, OverrideDecl, Value
from callsheet.dsl.syntax.node_parser import OVERRIDE_OPTIONS
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.errors import InputError
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.rules import recipes as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import media_in

ALSO_OF_RECIPES: Final = ("cache", "retry")
"""What can be set for a node that uses a recipe; it counts for the nodes inside."""


@dataclass(frozen=True, slots=True)
class Override:
    """An override, as a recipe sees it. path: the nodes that it names, from this recipe on. report: takes
    what is wrong with it, where it is written."""

    path: tuple[str, ...]
    decl: OverrideDecl
    report: Report

    @property
    def node(self) -> str:
        """The node of this recipe that it is about."""
        return self.path[0]

    @property
    def is_here(self) -> bool:
        """Whether it is about this node itself, and not about what is inside of it."""
        return len(self.path) == 1


def for_use(decl: NodeDecl, around: Sequence[Override], report: Report) -> tuple[Override, ...]:
    """The overrides for the recipe that a node uses: its own, then those from `around`, which win."""
    own = (Override(one.path, one, report) for one in decl.override)
    inner = (replace(one, path=one.path[1:]) for one in around if one.node == decl.name and not one.is_here)
    return (*own, *inner)


def allowed(document: Document, overrides: Sequence[Override]) -> tuple[Override, ...]:
    """Those of `overrides` that the recipe has a node for and lets be set; the others are reported."""
    return tuple(one for one in overrides if _is_allowed(document, one))


def _is_allowed(document: Document, one: Override) -> bool:
    wrong = list(_wrong(document, one))
    for span, problem in wrong:
        one.report.add(span, problem)
    return not wrong


def _wrong(document: Document, one: Override) -> Iterator[tuple[Span, Problem]]:
    """Why an override is not possible."""
    decl, path, key = document.nodes.get(one.node), "/".join(one.path), one.decl.key
    if decl is None:
        yield key.span, rules.no_node_to_override(one.node, document.nodes)
        return
    if not document.head.lets(path):
        yield key.span, rules.not_open(path, [name.text for name in document.head.open or ()])
        return
    inside = decl.choice is None and is_recipe(decl.uses.text)
    if not one.is_here and not inside:
        yield key.span, rules.no_recipe_to_override(one.node, decl.uses.text)
    elif one.is_here and inside:
        yield from _only_for_calls(one)


def _only_for_calls(one: Override) -> Iterator[tuple[Span, Problem]]:
    """What it sets that a node which uses a recipe cannot have."""
    set_ = {"uses": one.decl.uses, "with": one.decl.params, **one.decl.written}
    for key, value in set_.items():
        if value is not None and key not in ALSO_OF_RECIPES:
            yield value.span, rules.override_of_recipe(key, one.decl.key.text)


def with_options(document: Document, overrides: Sequence[Override]) -> Document:
    """The document with the options that are overridden: takes, approve, retry, cache."""
    nodes = dict(document.nodes)
    for one in overrides:
        if one.is_here:
            fields = {name for key in one.decl.written for name in OVERRIDE_OPTIONS[key]}
            values = {name: getattr(one.decl.options, name) for name in fields}
            decl = nodes[one.node]
            nodes[one.node] = replace(decl, options=replace(decl.options, **values))
    return replace(document, nodes=nodes)


def with_models(document: Document, overrides: Sequence[Override], specs: Specs) -> Document:
    """The document with the models and parameters that are overridden.

    Another model takes the parameters of the node as an alternative does: by name, and media by their role.
    """
    nodes = dict(document.nodes)
    for one in overrides:
        if one.is_here and (one.decl.uses or one.decl.params):
            nodes[one.node] = _changed(nodes[one.node], one, specs, document)
    return replace(document, nodes=nodes)


def _changed(decl: NodeDecl, one: Override, specs: Specs, document: Document) -> NodeDecl:
    uses = one.decl.uses
    if uses is not None and (is_recipe(uses.text) or is_code(uses.text)):
        one.report.add(uses.span, rules.override_uses_file(uses.text))
        return decl
    if uses is None:
        return _with_params(decl, one, _found(decl.uses.text, specs))
    decl = _without_what_is_null(decl, one)
    after, before = _found(uses.text, specs), _before(decl, specs, document)
    other = AlternativeDecl(uses, one.decl.params)
    kept = dict(inherited(decl, other, before, after, one.report)) if before and after else {}
    named = replace(decl, uses=uses, choice=None, params=MapValue(uses.span, tuple(kept.values())))
    return _with_params(replace(named, inherited=frozenset(kept)), one, after)


def _with_params(decl: NodeDecl, one: Override, spec: NodeSpec | None) -> NodeDecl:
    """The node with the parameters of an override in place of its own, and without those that are null there.
    Two names of one parameter are the same."""

    def name_of(key: YamlScalar) -> str:
        return spec.aliases.get(key.text, key.text) if spec else key.text

    own, given = [], set()
    for key, value in one.decl.params.entries if one.decl.params else ():
        wanted = spec.inputs.get(name_of(key)) if spec else None
        if wanted is not None and any(media_in(wanted.type)) and not _is_null(value):
            one.report.add(value.span, rules.media_in_override(key.text, wanted.type))
            continue
        given.add(name_of(key))
        if not _is_null(value):
            own.append((key, value))
    others = [
        entry for entry in (decl.params.entries if decl.params else ()) if name_of(entry[0]) not in given
    ]
    params = MapValue(decl.params.span if decl.params else one.decl.place, (*own, *others))
    return replace(decl, params=params, inherited=decl.inherited - given)


def _without_what_is_null(decl: NodeDecl, one: Override) -> NodeDecl:
    """The node without the parameters that an override leaves out: `seed: null`."""
    entries = one.decl.params.entries if one.decl.params else ()
    out = {key.text for key, value in entries if _is_null(value)}
    if not out or decl.params is None:
        return decl
    kept = tuple((key, value) for key, value in decl.params.entries if key.text not in out)
    return replace(decl, params=replace(decl.params, entries=kept))


def _is_null(value: Value) -> bool:
    return isinstance(value, YamlScalar) and value.value is None


def _before(decl: NodeDecl, specs: Specs, document: Document) -> NodeSpec | None:
    """The model of the node so far. Of several that it chooses from, one with the parameters of all."""
    if decl.choice is None:
        return _found(decl.uses.text, specs)
    names = declared_names(decl, document, Report())
    every = [spec for name in names if (spec := _found(name, specs)) is not None]
    if not every:
        return None
    return replace(
        every[0],
        inputs={name: wanted for spec in every for name, wanted in spec.inputs.items()},
        aliases={name: other for spec in every for name, other in spec.aliases.items()},
        roles={name: role for spec in every for name, role in spec.roles.items()},
    )


def _found(uses: str, specs: Specs) -> NodeSpec | None:
    """What `uses` names; None where that is nothing, or cannot be read, which is reported elsewhere."""
    try:
        return specs.find(uses)
    except InputError:
        return None
