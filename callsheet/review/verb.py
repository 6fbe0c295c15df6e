"""What `callsheet review` and `callsheet watch` do, as functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, opened
from callsheet.errors import InputError
from callsheet.review.answers import read_answers
from callsheet.review.export import Exported, export_page
from callsheet.review.film import Film
from callsheet.review.proposals import Proposal, accept, proposals
from callsheet.review.server import Place, Told, serve_film
from callsheet.runtime.cancellation import Stop
from callsheet.spec.permissions import granting


@dataclass(frozen=True, slots=True)
class ImportedAnswers:
    """What answers to a page would change. accepted: what was done of it. failed: what could not be done, and
    why."""

    proposals: tuple[Proposal, ...]
    accepted: tuple[Proposal, ...]
    failed: tuple[str, ...]


def serve_review(
    pipeline: str | Path,
    tell: Callable[[str], None],
    port: int = 0,
    host: str = "",
    cert: str | Path | None = None,
    key: str | Path | None = None,
    out: str | Path = "out",
    secrets: Sequence[str] = (),
    allow: Sequence[str] = (),
    own_prices: Sequence[str] = (),
    saved: Callable[[str], None] | None = None,
    stop: Stop | None = None,
    **given: Unpack[Given],
) -> None:
    """Serve a page that shows the film, its takes and its runs, until Ctrl-C or `stop`. `callsheet review`.

    Give it a thread of its own, outside of an event loop. tell: gets the address of the page, with the token
    without which it answers nobody. port: 0 for any free one. host, cert, key: for other machines, too. out:
    the folder of the results. saved: watches the pipeline, previews it at each save, and gets each result, as
    `callsheet watch` does. secrets, allow, own_prices: as in `run`, for what is bought with the page. given:
    see `Given`, without `state` and `lock`. Raises PipelineError, and InputError where it cannot listen.
    """
    place = Place(port, host, _path(cert), _path(key))
    with granting(secrets, allow, own_prices), _film(pipeline, given, out) as film:
        if saved is None:
            film.load()
        serve_film(film, place, Told(lambda address, _: tell(address), saved), stop)


def review_export(
    pipeline: str | Path, target: str | Path, out: str | Path = "out", **given: Unpack[Given]
) -> Exported:
    """Write a page of a film for somebody without callsheet. `callsheet review --export`.

    target: ends in `.html`, or in `.zip` for one with its media beside it. out and given: as in
    `serve_review`. Raises InputError for another ending and where nothing is made, PipelineError, StoreError.
    """
    with _film(pipeline, given, out) as film:
        return export_page(film, Path(target))


def review_import(
    pipeline: str | Path, answers: Sequence[str | Path], yes: bool = False, **given: Unpack[Given]
) -> ImportedAnswers:
    """What the answers from such pages would change; with `yes`, do what has no conflict.
    `callsheet review --import`.

    answers: the files that came back. given: as in `serve_review`. Raises InputError for answers about
    another film, PipelineError, StoreError.
    """
    with _film(pipeline, given, "out") as film:
        found = proposals(film, [read_answers(Path(path)) for path in answers])
        applied = tuple(one for one in found if one.applies) if yes else ()
        failed = accept(film, applied)
    wrong = [one for one, _ in failed]
    done = tuple(one for one in applied if one not in wrong)
    return ImportedAnswers(found, done, tuple(f"{one.what}: {error.message}" for one, error in failed))


@contextmanager
def _film(pipeline: str | Path, given: Given, out: str | Path) -> Iterator[Film]:
    """The film as the page sees it. Raises InputError for a state or a lock file elsewhere: the page opens
    the project itself, again and again."""
    if given.get("state") is not None or given.get("lock") is not None:
        raise InputError("a review keeps its state and its lock file in the project", "leave them out")
    with opened(pipeline, given, making=True) as film:
        yield Film(film.path, film.sets, film.inputs, film.store, Path(out))


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
