"""Local media files that a pipeline names: they exist, lie inside the project, and have the right kind."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.values.data_uri import DATA, unusable
from callsheet.dsl.values.origin import Origin
from callsheet.spec.media import Inspector
from callsheet.spec.rules import inputs as rules
from callsheet.spec.rules import values as value_rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.suggest import nearest_file
from callsheet.spec.types import MediaKind
from callsheet.spec.values import LocalFile

URLS = ("https://", "http://")


def local_media(text: str, wanted: Sequence[MediaKind], origin: Origin, span: Span, report: Report) -> object:
    """`text` as a `LocalFile`, or itself when it is a URL or a data URI.

    wanted: the kinds that are taken, at least one. After reporting an error, returns a placeholder file of
    the first so that checking goes on.
    """
    if text.startswith(URLS):
        return text
    if text.startswith(DATA):
        if (flaw := unusable(text, wanted)) is not None:
            report.add(span, flaw)
        return text
    path = origin.base / text
    problem = _unusable(text, path, origin)
    if problem is None:
        return _identified(path, wanted, origin.inspector, span, report)
    report.add(span, problem)
    return LocalFile(wanted[0], path)


def is_outside(path: Path, root: Path | None) -> bool:
    """Whether the file lies outside of `root`; nothing does where that is None.

    Raises OSError when that is not known: the name is too long, or links form a circle.
    """
    try:
        return root is not None and not path.resolve().is_relative_to(root.resolve())
    except RuntimeError:
        raise OSError(errno.ELOOP, "its links lead round in a circle") from None
    except ValueError:
        raise OSError(errno.EINVAL, "this is no name of a file") from None


def is_hidden(path: Path, root: Path | None) -> bool:
    """Whether a file in `root` has a name that begins with a dot, or lies in such a folder."""
    if root is None:
        return False
    below = path.resolve().relative_to(root.resolve())
    return any(part.startswith(".") for part in below.parts)


def _unusable(text: str, path: Path, origin: Origin) -> Problem | None:
    """Why there is no such file for this pipeline; None when there is."""
    if "://" in text or "\0" in text or "\n" in text or not text.strip():
        return rules.no_file_name()
    try:
        if is_outside(path, origin.root):
            return rules.file_outside(text)
        if is_hidden(path, origin.root):
            return rules.hidden_file(text)
        return None if path.is_file() else missing_file(text, path, origin)
    except OSError as error:
        return rules.file_not_seen(path, error.strerror)


def missing_file(text: str, path: Path, origin: Origin) -> Problem:
    """That the file `path`, which a pipeline calls `text`, is not there, with one of a similar name."""
    near = nearest_file(path)
    return rules.no_file(path, origin.base, near and text[: text.rfind("/") + 1] + near)


def _identified(
    path: Path, wanted: Sequence[MediaKind], inspector: Inspector | None, span: Span, report: Report
) -> object:
    if inspector is None:
        return LocalFile(wanted[0], path)
    kind = inspector.identify(path)
    if "file" in wanted:
        return LocalFile(kind or "file", path, inspector)
    if kind is None:
        report.add(span, rules.unreadable_medium(path.name, wanted[0]))
    elif kind not in wanted:
        report.add(span, value_rules.wrong_medium(wanted[0], kind).under(f"{path.name}: "))
    elif known := inspector.unreadable(path):
        report.add(span, rules.unreadable_format(path.name, known))
    return LocalFile(wanted[0] if kind is None or kind not in wanted else kind, path, inspector)
