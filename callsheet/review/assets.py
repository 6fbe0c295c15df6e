"""The parts of the page: files that come with callsheet, looked up by name and never by a path."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from callsheet.page.bundle import as_script
from callsheet.page.html import assets as page_assets
from callsheet.review.message import Refusal, Reply

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
PAGE: Final = "review.html"
SHARED: Final = ("timecode.js", "dollars.js")
"""Modules of the page of a report that this page reads as scripts."""


@cache
def assets() -> dict[str, bytes]:
    """Name → content. Time codes and amounts are written as on the page of a report."""
    folder = files("callsheet.review") / "assets"
    own = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    return own | {name: as_script(name, page_assets()[name]).encode() for name in SHARED}


def page_reply() -> Reply:
    """The page itself."""
    return asset_reply(PAGE)


def asset_reply(name: str) -> Reply:
    """A part of the page. Raises Refusal."""
    ending = name[name.rfind(".") :]
    if name not in assets() or ending not in TYPES:
        raise Refusal(404, "not found")
    return Reply(200, assets()[name], (("Content-Type", TYPES[ending]), ("Cache-Control", "no-cache")))
