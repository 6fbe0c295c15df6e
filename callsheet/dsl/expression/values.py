"""Values in expressions: access by key, and placeholders for values that are not known yet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from jinja2 import StrictUndefined, UndefinedError

from callsheet.dsl.graph import Unfit
from callsheet.errors import NodeError
from callsheet.spec.content_types import by_name
from callsheet.spec.media import FACTS, Artifact, Foreseen, UrlOf
from callsheet.spec.rules import expressions as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import NOTHING, Field, Maybe, Record, Type, bare
from callsheet.spec.values import Deferred, LocalFile, NotThere, Ref, SecretName

MAX_TEXT = 64 * 1024
MAX_ELEMENTS = 100_000
"""How long a list may be that an expression makes."""
MEDIA_TEXTS = ("content_type", "file_name", "file_size", "url")
"""What a media output has beside its facts: texts, and the number of its bytes."""


class EvaluationError(Exception):
    """An expression has no value; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class NotYet(Exception):
    """The expression computes with an output, which is known only during the run."""


class AbsentError(UndefinedError):
    """An absent value was computed with."""


class Absent(StrictUndefined, NotThere):
    """No value: no neighbour at the end of an axis, or a skipped instance. reason: why.

    A field of it is absent too, so that `next(a).images[0] | default(x)` works.
    """

    __slots__ = ()

    def __init__(self, reason: str) -> None:
        super().__init__(reason, exc=AbsentError)

    @property
    def reason(self) -> str:
        return str(self._undefined_hint)


class Keyed(ABC):
    """A value with fields that expressions read by key."""

    __slots__ = ()

    @abstractmethod
    def at_key(self, key: str | int) -> object:
        """`x.key`, and `x[number]`."""

    def by_key(self, key: str) -> object:
        """`x["key"]`: the same, but for a node with several instances."""
        return self.at_key(key)


class Element(dict[str, object]):
    """An object that a node wrote. optional: the fields of its type that it may be without."""

    __slots__ = ("optional",)

    def __init__(self, fields: Mapping[str, object], optional: frozenset[str]) -> None:
        super().__init__(fields)
        self.optional = optional


def as_declared(wanted: Type, value: object) -> object:
    """`value` with its objects as elements, of which a field that need not be there is absent.

    In a list that lies in an object, what is not there is left out instead; see `_of_each`.
    """
    wanted = bare(wanted)
    if not isinstance(wanted, Record) or not isinstance(value, dict):
        return value
    fields = wanted.fields
    parts = {n: as_declared(fields[n].type, part) if n in fields else part for n, part in value.items()}
    return Element(parts, frozenset(name for name, field in fields.items() if may_be_absent(field)))


def may_be_absent(field: Field) -> bool:
    """Whether an object may be without the field."""
    return field.default is NOTHING and (not field.required or isinstance(field.type, Maybe))


class Pending(Keyed):
    """An output, or a part of one, before the run; or a value that is computed from outputs.

    It can be passed on, and its fields can be read; anything else raises NotYet.
    """

    __slots__ = ("ref",)

    def __init__(self, ref: Ref | Deferred) -> None:
        self.ref = ref

    def at_key(self, key: str | int) -> Pending:
        if isinstance(self.ref, Ref):
            return Pending(Ref(self.ref.address, (*self.ref.path, key)))
        whole = self.ref
        return Pending(replace(whole, compute=lambda lookup: _part(whole, whole.compute(lookup), key)))

    def _wait(self, *_: object) -> NoReturn:
        raise NotYet

    __str__ = __bool__ = __len__ = __iter__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _wait
    __add__ = __radd__ = __sub__ = __rsub__ = __neg__ = __contains__ = __html__ = _wait
    __hash__ = None  # type: ignore[assignment]


def part_of(value: object, key: str | int) -> object:
    """`value.key` or `value[key]` of a value that a run gave. Raises EvaluationError when it has none."""
    part = _found(value, key)
    if is_missing(part):
        raise EvaluationError(rules.not_found(why_missing(part)))
    return part


def _part(deferred: Deferred, value: object, key: str | int) -> object:
    """As `part_of`, of `value`, which `deferred` gave. Raises Unfit."""
    try:
        return part_of(value, key)
    except EvaluationError as error:
        raise Unfit(deferred.text, error.problem) from None


def look_up(value: object, key: object) -> object:
    """`value.key` or `value[key]` in an expression, which computes with texts up to a size."""
    found = _found(value, key)
    if isinstance(found, str) and len(found) > MAX_TEXT:
        raise EvaluationError(rules.long_value(len(found)))
    return found


def _found(value: object, key: object) -> object:
    """The part of a value by key, never a Python attribute. A list gives this part of each element.

    What is not there is an undefined value that says why.
    """
    match value, key:
        case Pending(), str() | int():
            return value.at_key(key)
        case StrictUndefined(), _:
            return value
        case dict(), _:
            return _of_object(value, key)
        case list(), bool():
            pass
        case list(), int() if -len(value) <= key < len(value):
            return value[key]
        case list(), int():
            elements = f"{len(value)} element{'s' if len(value) != 1 else ''}"
            return StrictUndefined(f"the list has {elements}, no [{key}]")
        case list(), str():
            return _of_each(value, key)
        case Artifact(), str() if key in (*FACTS, *MEDIA_TEXTS):
            return _of_medium(value, key)
        case LocalFile(), str() if key in (*FACTS, *MEDIA_TEXTS[:-1]):
            return _of_file(value, key)
        case LocalFile(), "url":
            return StrictUndefined(
                "a local file of an input has no URL; where text is taken, name it by an https:// URL"
            )
        case str(), "url" if value.startswith(("https://", "http://")):
            return value
        case str(), str() if key in (*FACTS, *MEDIA_TEXTS) and value.startswith(
            ("https://", "http://", "data:")
        ):
            return StrictUndefined(f"`{key}` of a file behind a URL is not known; name a local file")
        case Keyed(), str() | int():
            return value.at_key(key)
    return StrictUndefined(f"{noun(value)} has no `{key}`")


def _of_object(value: dict[str, object], key: object) -> object:
    if isinstance(key, str) and key in value:
        return value[key]
    if isinstance(value, Element) and key in value.optional:
        return Absent(f"`{key}` was not given")
    fields = f"there is no `{key}`; its fields are {', '.join(map(str, value))}"
    return StrictUndefined(fields if value else f"{noun(value)} has no `{key}`")


def _of_medium(value: Artifact, key: str) -> object:
    if key in FACTS:
        fact = getattr(value.facts, key)
        if fact is None and isinstance(value, Foreseen):
            raise NotYet
        return fact
    if isinstance(value, Foreseen) or (key != "url" and not value.path.name):
        raise NotYet
    if key != "url":
        return _of_path(value.path, key)
    return UrlOf(value.kind, value.path, value.digest, value.facts, value.url, value.recipe)


def _of_file(file: LocalFile, name: str) -> object:
    """A fact of a file of the user's. Raises EvaluationError when the file cannot be read."""
    if name in MEDIA_TEXTS:
        return _of_path(file.path, name)
    if file.inspector is None:
        raise NotYet
    try:
        fact = getattr(file.inspector.probe(file.path), name)
    except (NodeError, OSError) as error:
        raise EvaluationError(rules.unreadable_facts(file.path.name, error)) from None
    return StrictUndefined(f"{file.path.name} has no `{name}`") if fact is None else fact


def _of_path(path: Path, name: str) -> str | int:
    """The content type, the name, or the number of bytes of a file. Raises EvaluationError."""
    match name:
        case "content_type":
            return by_name(path)
        case "file_name":
            return path.name
    try:
        return path.stat().st_size
    except OSError as error:
        raise EvaluationError(rules.unreadable_facts(path.name, error.strerror)) from None


def is_missing(value: object) -> bool:
    """Whether a look-up found nothing by mistake; `Absent` is nothing on purpose."""
    return isinstance(value, StrictUndefined) and not isinstance(value, Absent)


def why_missing(value: object) -> str:
    """What a look-up that found nothing looked for."""
    assert isinstance(value, StrictUndefined)
    return str(value._undefined_hint or value._undefined_message)


def _of_each(values: list[object], key: str) -> object:
    """The part of each element. What some elements do not have is left out; one has to have it."""
    found = [_found(value, key) for value in values]
    there = [part for part in found if not is_missing(part)]
    return there if there or not values else StrictUndefined(f"no element of the list has `{key}`")


@dataclass(frozen=True, slots=True)
class ListKey:
    """A look-up in a list of objects: the element whose `field` is `key`. A number is a position."""

    key: object
    field: str

    def element_of(self, values: object) -> object:
        """The element. Raises EvaluationError when none, or more than one, has the key; NotYet."""
        if isinstance(values, Absent) or isinstance(self.key, Absent):
            return values if isinstance(values, Absent) else self.key
        if isinstance(values, Pending) or isinstance(self.key, Pending):
            raise NotYet
        if not isinstance(values, list) or not isinstance(self.key, str):
            return look_up(values, self.key)
        keys = [str(_found(value, self.field)) for value in values]
        if keys.count(self.key) != 1:
            problem = rules.element_twice if self.key in keys else rules.no_such_element
            raise EvaluationError(problem(self.field, self.key, keys))
        return values[keys.index(self.key)]


def paste(value: object) -> str:
    """`value` as part of a text."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Pending():
            raise NotYet
        case Absent():
            raise EvaluationError(rules.absent_in_text(value.reason))
        case UrlOf():
            raise EvaluationError(rules.url_in_text())
        case StrictUndefined():
            raise EvaluationError(rules.not_found(value._undefined_hint or str(value._undefined_message)))
    raise EvaluationError(rules.pasted_value(noun(value)))


def noun(value: object) -> str:
    """What a person would call the value."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case dict():
            return "an object"
        case UrlOf():
            return "a URL"
        case Artifact() | LocalFile():
            return f"{'an' if value.kind[0] in 'aeiou' else 'a'} {value.kind}"
        case SecretName():
            return "a secret"
        case Pending():
            return "an output"
        case _ if isinstance(value, Sequence):
            return "a list"
    return "a node"
