"""Local media that a pipeline names: they exist, lie inside the project, and are what they claim."""

from __future__ import annotations

import errno
from pathlib import Path

from callsheet.dsl.diagnostics.diagnostic import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.values.origin import Origin
from callsheet.spec.conform import a_type, media_problem
from callsheet.spec.media import Inspector
from callsheet.spec.suggest import nearest
from callsheet.spec.types import Media, MediaKind
from callsheet.spec.values import LocalFile

URLS = ("https://", "http://")


def local_media(text: str, wanted: MediaKind, origin: Origin, span: Span, report: Report) -> object:
    """`text` as a `LocalFile`, or itself when it is a URL.

    After reporting an error, returns a placeholder file of the wanted kind so that checking goes on.
    """
    if text.startswith(URLS):
        return text
    path = origin.base / text
    problem = _unusable(text, path, origin.root)
    if problem is None:
        return _identified(path, wanted, origin.inspector, span, report)
    report.error("local-file", span, *problem)
    return LocalFile(wanted, path)


def is_outside(path: Path, root: Path | None) -> bool:
    """Whether the file lies outside of `root`; nothing does where that is None.

    Raises OSError where it cannot be told: the name is too long, or links lead round in a circle.
    """
    try:
        return root is not None and not path.resolve().is_relative_to(root.resolve())
    except RuntimeError:
        raise OSError(errno.ELOOP, "its links lead round in a circle") from None
    except ValueError:
        raise OSError(errno.EINVAL, "this is no name of a file") from None


def _unusable(text: str, path: Path, root: Path | None) -> tuple[str, str] | None:
    """Why there is no such file for this pipeline, and what to do; None when there is."""
    if "://" in text or "\0" in text or "\n" in text or not text.strip():
        return (
            "this is neither a URL nor a local file",
            "write `./name` for a file beside the pipeline, or `https://…`",
        )
    try:
        if is_outside(path, root):
            return (
                f"{text} lies outside the project",
                "copy it into the project, or give it on the command line with --set",
            )
        return None if path.is_file() else (f"there is no file {path}", _similar(path))
    except OSError as error:
        return f"cannot look at {path}: {error.strerror}", ""


def _identified(
    path: Path, wanted: MediaKind, inspector: Inspector | None, span: Span, report: Report
) -> object:
    if inspector is None:
        return LocalFile(wanted, path)
    kind = inspector.identify(path)
    if kind is None and wanted != "file":
        message = f"{path.name} is not {a_type(Media(wanted))} that callsheet can read"
        report.error(
            "local-media", span, message, "open it in a viewer; its first bytes are of no known format"
        )
    elif kind is not None and wanted not in ("file", kind):
        problem = media_problem(wanted, kind)
        report.error("media-kind", span, f"{path.name}: {problem.message}", problem.help)
    return LocalFile(wanted if kind is None or wanted != "file" else kind, path)


def _similar(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    guess = nearest(path.name, names)
    return f"did you mean `{guess}`?" if guess else f"paths start at {path.parent}"
