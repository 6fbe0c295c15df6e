"""`callsheet.report`: what `callsheet report` does, as a function."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Pipeline, Place, opened, project_at
from callsheet.page.gather import gather
from callsheet.page.proxies import Proxies
from callsheet.page.report import Media, Written, write_report
from callsheet.runtime.check import load
from callsheet.runtime.resume import request_of
from callsheet.spec.profile import using

EMBEDDED = 16_000_000
"""Bytes of media that are inside the page at most."""


def report(
    pipeline: Pipeline,
    target: str | Path = "report.html",
    against: str = "",
    media: Media = "all",
    embed: int = EMBEDDED,
    **given: Unpack[Given],
) -> Written:
    """Write a page about a film: its shots, prompts, takes, money, runs and failures. `callsheet report`.

    target: the page, or a .zip file with its media inside. against: another run of the film, or a revision in
    git, which is compared with it. media: small copies of all, stills alone, or none. embed: bytes of media
    inside the page at most; the rest lies in a folder beside it. given: see `Given`.

    Raises InputError for another ending, PipelineError, StoreError.
    """
    with opened(pipeline, given) as film:
        found = gather(film.graph(), film.workspace, store=film.store, against=against)
        return write_report(found, Proxies.of(film.workspace), Path(target), embed, media)


def report_run(
    name: str,
    target: str | Path = "report.html",
    against: str = "",
    media: Media = "all",
    embed: int = EMBEDDED,
    store: str = "",
    **place: Unpack[Place],
) -> Written:
    """The page of the film of a run, with the inputs that the run was started with. `callsheet report RUN`.

    name: of the run. The other parameters are those of `report`; place: see `Place`.
    """
    with project_at(place) as workspace:
        request = request_of(workspace, name)
        with using(request.profile):
            graph = load(request.file, request.sets, request.inputs, request.trust, workspace=workspace)
            found = gather(graph, workspace, name, store, against=against)
        return write_report(found, Proxies.of(workspace), Path(target), embed, media)
