"""Puts the clips of cuts into a document. Where no node shows one, nothing is imported that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from callsheet.dsl.cuts.timeline import shows_cut
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.origin import Origin


def everything(_: str) -> bool:
    """Take each address for that of an instance."""
    return True


def with_cuts(
    document: Document, origin: Origin, report: Report, there: Callable[[str], bool] = everything
) -> Document:
    """The document with the clips of the cuts that its timelines name. What is wrong is reported.

    there: whether an address names an instance. Clips of others are left out, and their places stay empty.
    """
    if not any(map(shows_cut, document.nodes.values())):
        return document
    from callsheet.dsl.cuts.clips import with_clips

    nodes = {
        name: with_clips(decl, origin, there, report) if shows_cut(decl) else decl
        for name, decl in document.nodes.items()
    }
    return replace(document, nodes=nodes)
