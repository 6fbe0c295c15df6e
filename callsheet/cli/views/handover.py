"""What the verb `export` says."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.cli.views.wording import printable, some
from callsheet.runtime.export.handover import Handover
from callsheet.runtime.export.writers import MEDIA
from callsheet.spec.plural import plural


def handover_lines(done: Handover) -> Iterator[str]:
    """The files that were written, and the media that an editor has to link again."""
    yield from (printable(str(path)) for path in done.files)
    if done.media:
        folder = done.files[0].parent / MEDIA
        yield printable(f"{folder}: {plural(done.media, 'file')}")
    if done.relink:
        yield f"changed since the last time, so link again: {some(done.relink)}"
    if done.gone:
        yield f"not in the edit any more, so removed: {some(done.gone)}"
