"""Reads the answer of a language model as the fields that it was asked for.

An answer is not trusted: its size and depth are limited, it must be JSON, and no text in it is read as an
expression. Small mistakes are corrected: a fence or words around the JSON value, commas before a closing
bracket, a bare list where the fields are one list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.nodes.http.body import BodyError, parse
from callsheet.spec.conform import problems
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import NOTHING, Field, ListOf, Maybe, Record, Type
from callsheet.spec.values import place_name

MOST: Final = 1_000_000
"""Characters of an answer."""
FENCE: Final = re.compile(r"```[A-Za-z]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*"?)|,(?=\s*[\]}])', re.DOTALL)
"""A string, be it closed or not, or a comma before a closing bracket."""
OPENINGS: Final = "{["


class AnswerError(Exception):
    """An answer that cannot be used; the message is a clause such as "is not JSON"."""


def text_of(answer: str) -> str:
    """An answer that was asked for as text. Raises AnswerError."""
    if not answer.strip():
        raise AnswerError("is empty")
    if len(answer) > MOST:
        raise AnswerError(f"has {len(answer):,} characters; at most {MOST:,} are taken")
    if not _is_whole(answer):
        raise AnswerError("holds half a character")
    return answer


def fields_of(answer: str, wanted: Record) -> dict[str, object]:
    """The fields of an answer, with defaults filled in and unknown fields left out.

    Raises AnswerError for no JSON, or for values of another type.
    """
    value = _value(text_of(answer), wanted)
    fitted = _fitted(wanted, value)
    assert isinstance(fitted, dict)
    for problem in problems(Field(wanted), fitted):
        raise AnswerError(f"does not fit: {_place(problem)}{problem.message}")
    if not _is_plain(fitted):
        raise AnswerError("holds a number that is not finite, or half a character")
    return dict(fitted)


def _value(answer: str, wanted: Record) -> object:
    """The one JSON value of an answer."""
    text = answer.strip().removeprefix("\ufeff").strip()
    flaw = None
    for candidate in _candidates(text):
        try:
            value = parse(candidate.encode())
        except BodyError as error:
            flaw = flaw or error
            continue
        return _named(value, wanted)
    raise AnswerError(str(flaw))


def _candidates(text: str) -> Iterator[str]:
    """The texts that may be the JSON value, the likeliest first: all, a fenced part, a part between words."""
    yield text
    fenced = FENCE.findall(text)
    inner = fenced[0].strip() if len(fenced) == 1 else text
    for part in dict.fromkeys((inner, _among_words(inner))):
        if part:
            yield part
            yield _without_extra_commas(part)


def _among_words(text: str) -> str:
    """The text from the first opening bracket to where it closes, if no other one follows; else ""."""
    start = min((i for i in map(text.find, OPENINGS) if i >= 0), default=-1)
    if start < 0:
        return ""
    end = _closing(text, start)
    rest = text[end:]
    return "" if end < 0 or any(bracket in rest for bracket in OPENINGS) else text[start:end]


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed (the index after it), or -1."""
    depth, quoted, escaped = 0, False, False
    for i in range(start, len(text)):
        char = text[i]
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
            continue
        quoted = char == '"'
        depth += (char in "{[") - (char in "}]")
        if depth == 0:
            return i + 1
    return -1


def _without_extra_commas(text: str) -> str:
    """The text without commas before a closing bracket, but for those inside strings."""
    return COMMA.sub(lambda match: match[1] or "", text)


def _named(value: object, wanted: Record) -> Mapping[str, object]:
    """The object; a bare list stands for the one list that was asked for."""
    if isinstance(value, Mapping):
        return value
    names = list(wanted.fields)
    if isinstance(value, list) and len(names) == 1 and isinstance(wanted.fields[names[0]].type, ListOf):
        return {names[0]: value}
    raise AnswerError(f"is JSON, but not an object with {', '.join(names)}")


def _fitted(wanted: Type, value: object) -> object:
    """The value without fields that were not asked for, with defaults, and with whole numbers as such."""
    match wanted, value:
        case Maybe(inner), _:
            return _fitted(inner, value)
        case Record(fields, open=is_open), dict():
            known = {
                n: _fitted(f.type, value[n]) for n, f in fields.items() if _is_there(f, value.get(n, NOTHING))
            }
            filled = {n: f.default for n, f in fields.items() if n not in known and f.default is not NOTHING}
            extra = {n: v for n, v in value.items() if n not in fields} if is_open else {}
            return {**known, **filled, **extra}
        case ListOf(item), list():
            return [_fitted(item, element) for element in value]
        case _, float() if str(wanted) == "integer" and value.is_integer():
            return int(value)
    return value


def _is_there(field: Field, value: object) -> bool:
    """Whether a field has a value; null means absent for a field that may be absent."""
    optional = not field.required or isinstance(field.type, Maybe)
    return value is not NOTHING and not (value is None and optional)


def _place(problem: Problem) -> str:
    place = place_name(problem.path)
    return f"{place}: " if place else ""


def _is_plain(value: object) -> bool:
    match value:
        case str():
            return _is_whole(value)
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_plain, value))
        case Mapping():
            return all(_is_whole(str(name)) and _is_plain(v) for name, v in value.items())
    return True


def _is_whole(text: str) -> bool:
    """Whether the text has no half of a surrogate pair, which no file can contain."""
    return not re.search("[\ud800-\udfff]", text)
