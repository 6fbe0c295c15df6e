"""The report of the film, with the media of the review server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callsheet.page.document.medium import Medium
from callsheet.page.gather import gather
from callsheet.page.html import page
from callsheet.review.film import Film
from callsheet.spec.media import Artifact

SHOWN: Final = ("image", "video", "audio")
"""Kinds of media that a browser plays."""


@dataclass(frozen=True, slots=True)
class Report:
    """html: the page. media: digest → each file that it names."""

    html: bytes
    media: Mapping[str, Path]


def report_of(film: Film) -> Report:
    """The report of a film as it is now. Raises PipelineError, InputError."""
    with film.open() as workspace:
        found = gather(film.load(), workspace, store=film.store)
    media = {name: _placed(one, found.artifacts[name]) for name, one in found.document.media.items()}
    document = found.document.with_media(media)
    html = page(document.to_json(), document.film.name).encode("utf-8", "replace")
    return Report(html, {one.digest: one.path for one in found.artifacts.values() if one.digest})


def _placed(medium: Medium, artifact: Artifact) -> Medium:
    """The medium with where this server has it."""
    where = f"media/{artifact.digest}"
    if medium.kind not in SHOWN:
        return medium
    return replace(medium, src=where, poster=where if medium.kind == "image" else "")
