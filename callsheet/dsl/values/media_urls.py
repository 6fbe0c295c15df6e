"""URLs of media that a pipeline names: who can fetch them, and which are never used."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.dsl.values.data_uri import DATA
from callsheet.dsl.values.media_files import URLS
from callsheet.spec.node import NodeSpec
from callsheet.spec.rules import values as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import ListOf, Record, Type, bare, media_kinds


def urls_in(wanted: Type, value: object) -> Iterator[str]:
    """Every URL and data URI in `value` where `wanted` takes media."""
    wanted = bare(wanted)
    match value, wanted:
        case str(), _ if media_kinds(wanted) and value.startswith((*URLS, DATA)):
            yield value
        case list(), ListOf(item):
            for element in value:
                yield from urls_in(item, element)
        case dict(), Record(fields):
            for name in fields.keys() & value.keys():
                yield from urls_in(fields[name].type, value[name])


def unsuitable_url(url: str, spec: NodeSpec) -> Problem | None:
    """Why a node cannot use the URL of a medium; None if it can."""
    from callsheet.spec.web_origin import UrlError, fetchable

    if spec.provider == "local" or spec.perform is not None:
        return rules.url_for_this_machine(spec.uses)
    if url.startswith(DATA):
        return None
    try:
        fetchable(url)
    except UrlError as flaw:
        return rules.url_not_sent(str(flaw))
    return None
