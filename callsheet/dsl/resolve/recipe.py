"""A recipe: a pipeline file that `uses` can name, with typed inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.axes.scope import pending
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import Context
from callsheet.dsl.expression.filter_types import either, of_value
from callsheet.dsl.expression.infer import infer
from callsheet.dsl.expression.template import Expression, keys_read, names_in
from callsheet.dsl.expression.values import Absent
from callsheet.dsl.resolve.choice import providers_of, specs_of
from callsheet.dsl.syntax.ast import Document, ListValue, MapValue, Value, expressions_in
from callsheet.dsl.values.inputs import Inputs, declared, default_of
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import JSON, NOTHING, Field, ListOf, Maybe, OneOf, Record, Type
from callsheet.spec.values import Deferred, Ref, refs_in


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """A recipe file that was read once, for all its uses.

    defaults: values of inputs that a use did not give, each with its errors. depth: how many recipes lie
    inside each other, itself included. providers: of all nodes inside. deciding: the inputs on which the
    model of a node inside depends.
    """

    resolved: ResolvedDocument
    depth: int = 1
    providers: frozenset[str] = frozenset()
    deciding: frozenset[str] = frozenset()
    defaults: dict[str, tuple[object, Report]] = field(default_factory=dict)

    @property
    def document(self) -> Document:
        return self.resolved.document

    @property
    def fields(self) -> dict[str, Field]:
        """Its inputs as the parameters of a node."""
        return {name: declared(decl) for name, decl in self.document.inputs.items()}

    def requests(self) -> Iterator[tuple[NodeSpec, frozenset[str]]]:
        """Every model that a node inside may use, with the environment variables that the node names."""
        for name, spec in self.resolved.specs.items():
            if isinstance(spec, RecipeSpec):
                yield from spec.recipe.requests()
                continue
            decl = self.document.nodes.get(name)
            named = frozenset(_secrets(decl.params if decl else None))
            yield from ((one, named) for one in specs_of(spec))

    def inputs(self, given: Mapping[str, object], report: Report) -> Inputs:
        """The inputs of one use. given: value trees as in `Instance.params`."""
        fields = self.fields
        values = {
            name: pending(completed(wanted.type, given[name]))
            if name in given
            else self._default(name, report)
            for name, wanted in fields.items()
        }
        return Inputs(values, Record({name: Field(wanted.type) for name, wanted in fields.items()}))

    def _default(self, name: str, report: Report) -> object:
        """The value of an input that is not given."""
        decl = self.document.inputs[name]
        if decl.default is None:
            return Absent(f"the input `{name}` was not given")
        if name not in self.defaults:
            own = Report()
            self.defaults[name] = default_of(decl, self.resolved.origin, own), own
        value, own = self.defaults[name]
        report.merge(own)
        return value


@dataclass(frozen=True, slots=True)
class RecipeSpec(NodeSpec):
    """The spec of a recipe."""

    recipe: Recipe = field(kw_only=True)


def _secrets(value: Value | None) -> Iterator[str]:
    """The environment variables that a value names: `{secret: NAME}`."""
    match value:
        case MapValue(entries=[(YamlScalar(text="secret"), YamlScalar(text=name))]):
            yield name
        case MapValue():
            for _, part in value.entries:
                yield from _secrets(part)
        case ListValue():
            for part in value.items:
                yield from _secrets(part)


def recipe_of(resolved: ResolvedDocument) -> Recipe:
    """The recipe of a resolved document."""
    specs = resolved.specs.values()
    inner = [spec.recipe for spec in specs if isinstance(spec, RecipeSpec)]
    own = frozenset().union(*(providers_of(spec) for spec in specs if not isinstance(spec, RecipeSpec)))
    depth = 1 + max((recipe.depth for recipe in inner), default=0)
    providers = own.union(*(recipe.providers for recipe in inner))
    return Recipe(resolved, depth, providers, frozenset(_deciding(resolved)))


def _deciding(resolved: ResolvedDocument) -> Iterator[str]:
    """The inputs that the model of a node depends on, directly or through the list of an axis."""
    document = resolved.document
    stack: list[Expression] = []
    for name, decl in document.nodes.items():
        spec = resolved.specs.get(name)
        stack += expressions_in(decl.choice)
        inside = spec.recipe.deciding if isinstance(spec, RecipeSpec) else frozenset()
        for key, value in decl.params.entries if decl.params else ():
            stack += expressions_in(value) if key.text in inside else ()
    seen: set[str] = set()
    while stack:
        expression = stack.pop()
        keys = keys_read(expression, "inputs")
        yield from document.inputs if keys is None else keys
        axes = {name.name for name in names_in(expression)} & document.axes.keys() - seen
        seen |= axes
        for axis in axes:
            stack += expressions_in(document.axes[axis].over)


def spec_of(uses: str, recipe: Recipe) -> RecipeSpec:
    return RecipeSpec(
        uses=uses,
        provider="recipe",
        task="recipe",
        inputs=recipe.fields,
        outputs=_outputs(recipe),
        facts=lambda _: {},
        summary=recipe.document.description,
        recipe=recipe,
    )


def _outputs(recipe: Recipe) -> dict[str, Type]:
    document, resolved = recipe.document, recipe.resolved
    inputs = Record({name: Field(wanted.type) for name, wanted in recipe.fields.items()})
    context = Context(inputs, {}, resolved.types, document.axis_lists, around=resolved.nesting.around)
    return {name: type_of(decl.value, context) for name, decl in document.outputs.items()}


def type_of(value: Value, context: Context) -> Type:
    """The type of a written value; json where it cannot be known."""
    match value:
        case Expression():
            return infer(value, context, Report())
        case YamlScalar():
            return of_value(value.value)
        case ListValue(items=[first, *rest]):
            item = type_of(first, context)
            for other in rest:
                item = either(item, type_of(other, context))
            return ListOf(item)
        case MapValue(entries=entries):
            return Record({key.text: Field(type_of(part, context)) for key, part in entries})
    return JSON


def completed(wanted: Type, value: object) -> object:
    """`value` with the defaults of fields in objects filled in."""
    match wanted, value:
        case Maybe(inner), _:
            return completed(inner, value)
        case _, Ref() | Deferred() if _has_defaults(wanted):
            return _completed_later(wanted, value)
        case OneOf(options), _ if len(options) == 1:
            return completed(options[0], value)
        case ListOf(item), list():
            return [completed(item, v) for v in value]
        case Record(fields), dict():
            return {
                **{
                    name: completed(fields[name].type, v) if name in fields else v
                    for name, v in value.items()
                },
                **{name: _default(name, f) for name, f in fields.items() if name not in value},
            }
    return value


def _has_defaults(t: Type) -> bool:
    match t:
        case ListOf(inner) | Maybe(inner):
            return _has_defaults(inner)
        case Record(fields):
            return any(not f.required or _has_defaults(f.type) for f in fields.values())
    return False


def _completed_later(wanted: Type, value: Ref | Deferred) -> Deferred:
    def compute(lookup: Callable[[Ref], object]) -> object:
        return completed(wanted, lookup(value) if isinstance(value, Ref) else value.compute(lookup))

    return Deferred(tuple(refs_in(value)), compute, text=value.text if isinstance(value, Deferred) else "")


def _default(name: str, f: Field) -> object:
    return Absent(f"`{name}` was not given") if f.default is NOTHING else f.default
