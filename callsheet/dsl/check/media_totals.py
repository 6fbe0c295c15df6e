"""Checks limits of several media together: how many there are, their seconds and bytes."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.dsl.graph import Instance
from callsheet.spec.media import Artifact, Foreseen
from callsheet.spec.node import MediaTotal, Parameters
from callsheet.spec.rules import models as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.values import leaves


def over(instance: Instance, params: Parameters) -> Iterator[tuple[str, Problem]]:
    """(a parameter to point at, what is wrong) for each limit that is certainly broken.

    params: what is known before the run; parameters that are not known yet add nothing.
    """
    for total in instance.spec.totals:
        given = [name for name in total.of if name in instance.params]
        if not given or not _holds(total, params):
            continue
        known = all(name in params for name in given)
        yield from ((given[0], problem) for problem in _broken(total, params, known))


def _holds(total: MediaTotal, params: Parameters) -> bool:
    """Whether a limit holds for these parameters."""
    if total.with_video and not any(file.kind == "video" for file in leaves(dict(params), Artifact)):
        return False
    return all(params.get(name) in wanted for name, wanted in total.when.items())


def _broken(total: MediaTotal, params: Parameters, known: bool) -> Iterator[Problem]:
    """known: every parameter that counts is known, so that a sum may also be too small."""
    values = [params[name] for name in total.of if name in params]
    names = " and ".join(total.of)
    items = sum(len(value) if isinstance(value, list | tuple) else 1 for value in values)
    if total.max_items is not None and items > total.max_items:
        yield rules.too_many_media(items, total.max_items, names)
    files = list(leaves(values, Artifact))
    lengths = [file.facts.seconds for file in files]
    seconds = sum(length or 0.0 for length in lengths)
    if total.max_seconds is not None and seconds > total.max_seconds:
        yield rules.medium_too_long(seconds, total.max_seconds)
    whole = known and files and None not in lengths
    if total.min_seconds is not None and whole and seconds < total.min_seconds:
        yield rules.medium_too_short(seconds, total.min_seconds)
    if total.max_megabytes is not None:
        megabytes = sum(map(megabytes_of, files))
        if megabytes > total.max_megabytes:
            yield rules.file_too_heavy(megabytes, total.max_megabytes)


def megabytes_of(file: Artifact) -> float:
    """Millions of bytes of a file of the user's; 0 of one that is not on this machine yet."""
    there = not isinstance(file, Foreseen) and file.path.is_file()
    return file.path.stat().st_size / 1e6 if there else 0.0
