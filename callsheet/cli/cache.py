"""`callsheet cache`: the content store of the project."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

ROOTS: Final = {"results": Path(".callsheet"), "previews": Path(".callsheet/preview")}


@click.group("cache")
def command() -> None:
    """Look into the content store."""


@command.command("ls")
@click.option("--verbose", "-v", is_flag=True, help="Every file.")
def ls(verbose: bool) -> None:
    """How many files there are, and how large."""
    from callsheet.runtime.inventory import blobs

    for name, root in ROOTS.items():
        found = list(blobs(root))
        click.echo(f"{name}: {len(found)} files, {_size(sum(blob.size for blob in found))}")
        for blob in found if verbose else ():
            click.echo(f"  {blob.digest[:16]}  {_size(blob.size):>9}  {blob.path.suffix[1:]}")


@command.command("verify")
def verify() -> int:
    """Read every file again; exits with 1 when one is not what it was stored as."""
    from callsheet.runtime.inventory import blobs

    count, damaged = 0, []
    for root in ROOTS.values():
        for blob in blobs(root):
            count += 1
            damaged += [] if blob.whole else [blob.path]
    for path in damaged:
        click.echo(f"damaged: {path}; delete it, and the next run fetches or makes it again", err=True)
    click.echo(f"{count} files, {len(damaged)} damaged")
    return 1 if damaged else 0


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
