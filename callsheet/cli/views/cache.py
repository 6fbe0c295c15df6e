"""Stored files as lines: how many, how large, what is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.ledger import when
from callsheet.cli.views.wording import size
from callsheet.runtime.gc import Garbage
from callsheet.runtime.store.inventory import Blob
from callsheet.spec.money import money
from callsheet.spec.plural import plural

KINDS: Final = ("video", "image", "audio", "file")


def blob_line(blob: Blob) -> str:
    """`2026-11-30 12:00  4f1c…  1.2 MB  mp4`."""
    return f"{when(blob.since)}  {blob.digest[:16]}  {size(blob.size):>9}  {blob.path.suffix[1:]}"


def counted(found: Sequence[Blob]) -> str:
    """`3 files, 12 MB (2 videos 11 MB, 1 image 1 MB)`."""
    parts = []
    for kind in KINDS:
        of_kind = [blob.size for blob in found if blob.kind == kind]
        if of_kind:
            name = f"{len(of_kind):,} audio" if kind == "audio" else plural(len(of_kind), kind)
            parts.append(f"{name} {size(sum(of_kind))}")
    total = f"{plural(len(found), 'file')}, {size(sum(blob.size for blob in found))}"
    return f"{total} ({', '.join(parts)})" if parts else total


def garbage_lines(garbage: Garbage, deleting: bool) -> Iterator[str]:
    """What goes and what stays. deleting: whether it goes now."""
    bought = f"; the paid results among them cost {money(garbage.usd)}" if garbage.usd else ""
    yield f"{'deleted' if deleting else 'would be deleted'}: {counted(garbage.going)}{bought}"
    yield f"kept: {counted(garbage.kept)}"
