"""What the verb `conform` says."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.cli.views.wording import printable
from callsheet.runtime.conform.conform import Conformed
from callsheet.spec.plural import plural


def conformed_lines(done: Conformed) -> Iterator[str]:
    """What was written, and how a film shows it."""
    if done.path is not None:
        files = f", and {plural(done.files, 'file')} of others" if done.files else ""
        yield printable(f"{done.path}: {plural(done.shots, 'clip')} of shots{files}")
        yield printable(f"a node media/timeline with `cut: ./{done.path.name}` shows it")
    if done.remarks:
        yield f"{plural(done.remarks, 'note')} from markers: callsheet notes lists them"
