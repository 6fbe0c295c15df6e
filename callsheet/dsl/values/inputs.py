"""The values of a pipeline's inputs: defaults, `--set`, `--inputs`; each with its type."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.filter_types import either, of_value
from callsheet.dsl.expression.values import MAX_TEXT, Absent
from callsheet.dsl.graph import NodeDefaults
from callsheet.dsl.syntax.ast import Document, InputDecl
from callsheet.dsl.values.media_files import is_hidden, is_outside, local_media, missing_file
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.values.stray_braces import warn_of_braces_in_input
from callsheet.dsl.values.tables import is_list_file, is_table, read_list
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe, to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.spec.conform import problems
from callsheet.spec.permissions import Permissions
from callsheet.spec.rules import document as document_rules
from callsheet.spec.rules import inputs as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.suggest import nearest
from callsheet.spec.types import (
    JSON,
    NOTHING,
    STRING,
    Choice,
    Field,
    ListOf,
    Maybe,
    Media,
    OneOf,
    Record,
    Type,
    bare,
    media_kinds,
)

Files = str | Path | Sequence[str | Path] | None
"""Files of input values: one, several, or none."""


def paths_of(files: Files) -> tuple[Path, ...]:
    """The files, one by one."""
    several = (files,) if isinstance(files, str | Path) else files or ()
    return tuple(map(Path, several))


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions of people about instances, by address without a take.

    takes: how many takes there are at least. picks: the take that is used, where it is not the first.
    where: the name of the file that holds the decisions.
    """

    takes: Mapping[str, int] = field(default_factory=dict)
    picks: Mapping[str, int] = field(default_factory=dict)
    where: str = ""

    def moved(self, to: Mapping[str, str]) -> Decided:
        """The same decisions about instances with other addresses: old → new."""
        return replace(
            self,
            takes={to.get(address, address): count for address, count in self.takes.items()},
            picks={to.get(address, address): number for address, number in self.picks.items()},
        )


@dataclass(frozen=True, slots=True)
class ProjectInputs:
    """Values of inputs that the project gives for all of its films: a pipeline takes those that it asks for.

    files: of input values, inside the project; later ones win. sets: input name → a text as `--set` takes it
    and where it is written; these win over files.
    """

    files: tuple[Path, ...] = ()
    sets: Mapping[str, tuple[str, Span]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gave for this run.

    example: the name of an example of the pipeline, whose values count where nobody gave others; "" for none.
    sets: texts of `--set name=value`. files: of `--inputs`; later ones win. permissions: of the command that
    runs. profile: its name, "" for none. project: what counts where the user gave nothing. defaults: endpoint
    or task → what its nodes have that do not say it. decided: gives the decisions of the lock file for a
    section of it. each: a table, for each row of which the pipeline is made; None for once.
    cuts: whether with the timelines that show a cut.
    """

    sets: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    permissions: Permissions = field(default_factory=Permissions)
    profile: str = ""
    example: str = ""
    project: ProjectInputs = field(default_factory=ProjectInputs)
    defaults: Mapping[str, NodeDefaults] = field(default_factory=dict)
    decided: Callable[[str], Decided] = lambda _: Decided()
    each: Path | None = None
    cuts: bool = True


@dataclass(frozen=True, slots=True)
class Inputs:
    """Values and types by name. broken: the inputs whose values have errors."""

    values: Mapping[str, object]
    types: Record
    broken: frozenset[str] = frozenset()


def resolve_inputs(document: Document, given: Given, origin: Origin, report: Report) -> Inputs:
    """The value of every input, checked against its type. origin: where the document is."""
    overrides = _overrides(document, given, origin, report)
    values: dict[str, object] = {}
    fields: dict[str, Field] = {}
    broken: set[str] = set()
    for name, decl in document.inputs.items():
        node, place = overrides.get(name, (decl.default, origin))
        wanted, own = declared(decl), Report()
        fields[name] = Field(wanted.type)
        values[name] = _value(decl, wanted, node, place, own)
        broken |= {name} if own.failed else set()
        report.merge(own)
    return Inputs(values, Record(fields), frozenset(broken))


def default_of(decl: InputDecl, origin: Origin, report: Report) -> object:
    """The default value of an input."""
    return _value(decl, declared(decl), decl.default, origin, report)


def declared(decl: InputDecl) -> Field:
    """The declared type of an input, or that of its default."""
    return decl.field or Field(_type_of_default(decl))


def _type_of_default(decl: InputDecl) -> Type:
    return infer_type(to_data(decl.default)) if decl.default is not None else STRING


def infer_type(value: object) -> Type:
    """The type of a value that has no declaration."""
    match value:
        case dict():
            return Record({str(k): Field(infer_type(v)) for k, v in value.items()})
        case [first, *rest]:
            item = infer_type(first)
            for other in rest:
                item = _merged(item, infer_type(other))
            return ListOf(item)
        case []:
            return ListOf(STRING)
    return of_value(value)


def _merged(a: Type, b: Type) -> Type:
    if isinstance(a, Record) and isinstance(b, Record):
        names = dict.fromkeys([*a.fields, *b.fields])
        return Record({n: _merged_field(a.fields.get(n), b.fields.get(n)) for n in names})
    return either(a, b)


def _merged_field(a: Field | None, b: Field | None) -> Field:
    if a is None or b is None:
        only = a or b
        assert only is not None
        return Field(only.type if isinstance(only.type, Maybe) else Maybe(only.type))
    return Field(_merged(a.type, b.type))


def _overrides(
    document: Document, given: Given, origin: Origin, report: Report
) -> dict[str, tuple[YamlNode, Origin]]:
    """Values from the command line by name; an unknown name is an error."""
    free = replace(origin, root=None)
    found: dict[str, tuple[YamlNode, Origin]] = {}
    for file in given.files:
        found |= _from_file(file, free, report)
    cwd = replace(free, base=Path.cwd())
    for name, text in given.sets.items():
        found[name] = (given_node(document.inputs.get(name), name, text, report), cwd)
    for name in [n for n in found if n not in document.inputs]:
        node, _ = found.pop(name)
        report.add(node.span, rules.unknown_input(name, document.inputs))
    example = document.head.examples.get(given.example)
    sample = {name: (node, origin) for name, _, node in example or () if name in document.inputs}
    found = {**sample, **_from_project(document, given.project, origin, report), **found}
    for name, (node, _) in found.items():
        if document.inputs[name].deprecated:
            report.add(node.span, rules.deprecated_input(name, document.inputs[name].deprecated))
    return found


def _from_project(
    document: Document, project: ProjectInputs, origin: Origin, report: Report
) -> dict[str, tuple[YamlNode, Origin]]:
    """The values that the project gives, of inputs that the document has. They may name what the pipeline
    may name."""
    found: dict[str, tuple[YamlNode, Origin]] = {}
    for file in project.files:
        found |= _from_file(file, origin, report)
    for name, (text, span) in project.sets.items():
        if (decl := document.inputs.get(name)) is not None:
            place = replace(origin, base=span.source.path.parent)
            found[name] = (replace(given_node(decl, name, text, report), span=span), place)
        elif meant := nearest(name, document.inputs.keys() - project.sets.keys()):
            report.add(span, rules.misspelt_input(name, meant))
    return {name: value for name, value in found.items() if name in document.inputs}


def _from_file(path: Path, free: Origin, report: Report) -> dict[str, tuple[YamlNode, Origin]]:
    source = read_source(path, report)
    node = read_yaml(source, report) if source else None
    if node is None:
        return {}
    if not isinstance(node, YamlMap):
        report.add(node.span, document_rules.not_inputs(describe(node)))
        return {}
    return {name: (value, replace(free, base=path.parent)) for name, _, value in node}


def given_node(decl: InputDecl | None, name: str, text: str, report: Report) -> YamlNode:
    """The value of `--set`: it is text where the input is text or media, and YAML elsewhere."""
    source = Source(Path("--set"), f"{name}={text}")
    span = Span(source, len(name) + 1, len(source.text))
    wanted = bare(declared(decl).type) if decl else STRING
    if (
        wanted == STRING
        or isinstance(wanted, Media)
        or (isinstance(wanted, Choice) and isinstance(wanted.values[0], str))
    ):
        return YamlScalar(span, text, text)
    if isinstance(wanted, ListOf | Record) and is_list_file(text):
        return YamlScalar(span, text, text)
    node = read_yaml(Source(Path("--set"), text), report)
    match node:
        case YamlScalar():
            return YamlScalar(span, node.text, node.value, node.style)
        case YamlList() | YamlMap():
            return node
    return YamlScalar(span, "", "")


def _value(decl: InputDecl, wanted: Field, node: YamlNode | None, origin: Origin, report: Report) -> object:
    if node is None or _is_empty(node, wanted):
        if wanted.required:
            report.add(decl.key.span, rules.input_not_given(decl.name))
        return Absent(f"the input `{decl.name}` was not given")
    if isinstance(node, YamlScalar) and isinstance(node.value, str) and takes_list(wanted):
        return from_list_file(decl.name, wanted, node, origin, report)
    return admit(wanted, node, origin, report)


def _is_empty(node: YamlNode, wanted: Field) -> bool:
    """Whether the value is null, which stands for no value where there need not be one."""
    return (
        isinstance(node, YamlScalar)
        and node.value is None
        and not wanted.required
        and bare(wanted.type) != JSON
    )


def takes_list(wanted: Field) -> bool:
    """Whether a list file can be named instead of the value."""
    return isinstance(bare(wanted.type), ListOf | Record)


def from_list_file(name: str, wanted: Field, node: YamlScalar, origin: Origin, report: Report) -> object:
    """The value of the input `name`, read from the file that `node` names."""
    path = origin.base / node.text
    if not is_list_file(node.text):
        report.add(node.span, rules.text_for_a_list(name))
        return Absent(f"the input `{name}` has no value")
    if (problem := _unusable(node.text, path, origin)) is not None:
        report.add(node.span, problem)
        return Absent(f"the input `{name}` has no value")
    content = read_list(path, bare(wanted.type), report)
    if content is None:
        return Absent(f"the input `{name}` has no value")
    own = replace(origin, base=path.parent)
    return admit(wanted, content, own, report, reported=("missing-parameter",) if is_table(path) else ())


def _unusable(text: str, path: Path, origin: Origin) -> Problem | None:
    """Why the list file cannot be used; None when it can."""
    try:
        if is_outside(path, origin.root):
            return rules.list_file_outside(text)
        if is_hidden(path, origin.root):
            return rules.hidden_file(text)
        return None if path.is_file() else missing_file(text, path, origin)
    except OSError as error:
        return rules.list_file_not_seen(path, error.strerror, origin.base)


def admit(
    wanted: Field, node: YamlNode, origin: Origin, report: Report, reported: Collection[str] = ()
) -> object:
    """The value of a YAML node, with defaults filled in and media files found. Errors are reported.

    reported: the codes of problems that were reported already.
    """
    value = _complete(wanted.type, node, origin, report)
    for problem in (found for found in problems(wanted, value) if found.code not in reported):
        name = next((step for step in reversed(problem.path) if isinstance(step, str)), "")
        part = _part(node, problem)
        if problem.code in ("media-kind", "local-file"):
            own = problem.under(f"`{name}`: ") if name else problem
        elif problem.code == "missing-parameter" or (isinstance(part, YamlScalar) and part.value is None):
            own = rules.no_value(name, problem)
        else:
            own = rules.value_does_not_fit(name, problem)
        report.add(part.span, own)
    return value


def _complete(wanted: Type, node: YamlNode, origin: Origin, report: Report) -> object:
    match bare(wanted), node:
        case Media() | OneOf(), YamlScalar(value=str(text)) if kinds := media_kinds(wanted):
            return local_media(text, kinds, origin, node.span, report)
        case ListOf(item), YamlList():
            return [_complete(item, element, origin, report) for element in node.items]
        case Record(fields), YamlMap():
            return _record(fields, node, origin, report)
        case OneOf(options), _:
            return _complete(options[0], node, origin, report) if len(options) == 1 else to_data(node)
        case _, YamlScalar(value=str(text)) as scalar:
            if len(text) > MAX_TEXT:
                report.add(node.span, rules.long_text(len(text)))
            elif "{" in text:
                warn_of_braces_in_input(scalar, report)
    return to_data(node)


def _record(fields: Mapping[str, Field], node: YamlMap, origin: Origin, report: Report) -> dict[str, object]:
    given = {
        name: value for name, _, value in node if name not in fields or not _is_empty(value, fields[name])
    }
    found: dict[str, object] = {}
    for name, value in given.items():
        found[name] = (
            _complete(fields[name].type, value, origin, report) if name in fields else to_data(value)
        )
    for name, f in fields.items():
        if name not in found and f.default is not NOTHING:
            found[name] = f.default
        elif name not in found and not f.required:
            found[name] = Absent(f"`{name}` was not given")
    return found


def _part(node: YamlNode, problem: Problem) -> YamlNode:
    """The part of the node that the problem means; of an unknown field, its name."""
    for step in problem.path:
        match node, step:
            case YamlList(), int() if step < len(node.items):
                node = node.items[step]
            case YamlMap(), str() if problem.code == "unknown-parameter" and step == problem.path[-1]:
                return next(key for name, key, _ in node if name == step)
            case YamlMap(), str() if (inner := node.get(step)) is not None:
                node = inner
            case _:
                break
    return node
