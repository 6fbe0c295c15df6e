"""How Sphinx builds the documentation site, from the root of the repository:

sphinx-build -W --keep-going -n -c docs . build/site

The pages are those that one reads in the repository. Some README.md list others of their folder: their lists
become the table of contents, so that no page has to be named twice.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "callsheet"
copyright = "callsheet's contributors"
version = release = __version__

extensions = ["myst_parser"]
root_doc = "docs/README"
include_patterns = ["*.md", "docs/**.md", "examples/README.md", "examples/*/README.md"]
exclude_patterns = [".*", "build", "dist", "out"]
myst_heading_anchors = 4
myst_enable_extensions: list[str] = []
suppress_warnings = ["misc.highlighting_failure", "toc.not_included"]  # tests hold what each page leads to

html_theme = "furo"
html_title = f"callsheet {version}"
html_show_sphinx = False

LISTS = (root_doc, "docs/howto/README", "docs/decisions/README")
SECTION = re.compile(r"^## (?P<caption>.+)\n", re.MULTILINE)
PAGE = re.compile(r"\]\((?P<path>[^)#:]+\.md)\)")
BESIDE = re.compile(r"\]\((?P<path>[^)#:/]+\.md)\)")
"""A page in the same folder."""


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Add hidden tables of contents to a page that lists others, one for each of its sections."""
    if page in LISTS:
        head, *sections = SECTION.split(source[0])
        captions = ["", *sections[::2]]
        place = PAGE if page == root_doc else BESIDE
        found = ["\n".join(dict.fromkeys(place.findall(body))) for body in [head, *sections[1::2]]]
        source[0] += "".join(map(_contents, captions, found))


def _contents(caption: str, paths: str) -> str:
    options = f":hidden:\n:caption: {caption}" if caption else ":hidden:"
    return f"\n```{{toctree}}\n{options}\n\n{paths}\n```\n" if paths else ""


def add_entrance(app: Sphinx, problem: Exception | None) -> None:
    """Lead from the root of the site, where a host looks for index.html, to the start page."""
    if problem is None and app.builder.format == "html":
        address = app.builder.get_target_uri(root_doc)
        head = f'<!doctype html><meta http-equiv="refresh" content="0; url={address}">'
        page = f'{head}<a href="{address}">{project}</a>\n'
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the steps above; Sphinx calls this."""
    app.connect("source-read", add_contents)
    app.connect("build-finished", add_entrance)
