"""Local media that a pipeline names: they exist, lie inside the project, and are what they claim."""

from __future__ import annotations

from pathlib import Path

from callsheet.dsl.diagnostic import Report
from callsheet.dsl.fit import a_type, media_problem
from callsheet.dsl.graph import LocalFile
from callsheet.dsl.source import Span
from callsheet.dsl.types import Media, MediaKind

URLS = ("https://", "http://")


def local_media(
    text: str, wanted: MediaKind, base: Path, root: Path | None, span: Span, report: Report
) -> object:
    """`text` as a `LocalFile`, or itself when it is a URL or was reported.

    base: relative paths start here. root: files outside are refused; None where the person running
    named the file.
    """
    if text.startswith(URLS):
        return text
    if "://" in text or "\0" in text or "\n" in text or not text.strip():
        report.error(
            "local-file",
            span,
            "this is neither a URL nor a local file",
            "write `./name` for a file beside the pipeline, or `https://…`",
        )
        return text
    path = base / text
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        report.error(
            "local-file",
            span,
            f"{text} lies outside the project",
            "copy it into the project, or give it on the command line with --set",
        )
        return text
    if not path.is_file():
        report.error("local-file", span, f"there is no file {path}", _similar(path))
        return text
    return _identified(path, wanted, span, report)


def _identified(path: Path, wanted: MediaKind, span: Span, report: Report) -> object:
    from callsheet.nodes.media.probe import identify

    kind = identify(path)
    if kind is None and wanted == "file":
        return LocalFile("file", path)
    if kind is None:
        report.error(
            "local-media",
            span,
            f"{path.name} is not {a_type(Media(wanted))} that callsheet can read",
            "open it in a viewer; its first bytes are of no known format",
        )
        return str(path)
    if wanted not in ("file", kind):
        problem = media_problem(wanted, kind)
        report.error("media-kind", span, f"{path.name}: {problem.message}", problem.help)
    return LocalFile(kind, path)


def _similar(path: Path) -> str:
    from callsheet.dsl.nearest import nearest

    try:
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        names = []
    guess = nearest(path.name, names)
    return f"did you mean `{guess}`?" if guess else f"paths start at {path.parent}"
