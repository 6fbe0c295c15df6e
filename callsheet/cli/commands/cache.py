"""`callsheet cache`: the content store of the project."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.runtime.store.inventory import Blob

ROOTS: Final = {"results": Workspace().folder(), "previews": Workspace().folder(preview=True)}
KINDS: Final = ("video", "image", "audio", "file")


@click.group("cache")
def command() -> None:
    """Look into the content store, and make room in it."""


@command.command("ls")
@click.option("--verbose", "-v", is_flag=True, help="Every file, newest first.")
def ls(verbose: bool) -> None:
    """Count the files of each kind, and say how large they are."""
    from callsheet.cli.options import size
    from callsheet.runtime.store.inventory import blobs

    for name, root in ROOTS.items():
        found = sorted(blobs(root), key=lambda blob: (-blob.since, blob.digest))
        click.echo(f"{name}: {_counted(found)}")
        for blob in found if verbose else ():
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(blob.since))
            click.echo(f"  {when}  {blob.digest[:16]}  {size(blob.size):>9}  {blob.path.suffix[1:]}")


@command.command("verify")
@click.option("--store", metavar="PLACE", default="", help="A shared store, instead of the one here.")
def verify(store: str) -> int:
    """Read every file again; exits with 1 when one is not what it was stored as."""
    count, damaged = 0, 0
    for name, whole in _shared(store) if store else _here():
        count += 1
        if not whole:
            damaged += 1
            click.echo(f"damaged: {name}; delete it, and it is fetched or made again when needed", err=True)
    click.echo(f"{count} files, {damaged} damaged")
    return 1 if damaged else 0


@command.command("gc")
@click.option("--older-than", metavar="TIME", help="Only what came longer ago: 30d, 12h.")
@click.option("--max-size", metavar="SIZE", help="Only the oldest, until so much is left: 10GB.")
@click.option("--all", "everything", is_flag=True, help="Also what locks name and what is under way.")
@click.option("--dry-run", is_flag=True, help="Only say what would go; so without --yes.")
@click.option("--yes", "-y", is_flag=True, help="Take it away.")
def gc(older_than: str | None, max_size: str | None, everything: bool, dry_run: bool, yes: bool) -> int:
    """Make room: take away what no lock file here names and no request under way needs.

    Results in out/ stay. Locks of other branches are not seen.
    """
    from callsheet.cli.options import to_bytes, to_seconds
    from callsheet.runtime.gc import Rules, find_garbage, remove

    before = time.time() - to_seconds(older_than) if older_than else None
    rules = Rules(before, to_bytes(max_size) if max_size else None, everything)
    workspace = Workspace()
    garbage = find_garbage(workspace, rules)
    doing = yes and not dry_run
    click.echo(f"{'goes' if doing else 'would go'}: {_counted(garbage.going)}{_bought(garbage.usd)}")
    click.echo(f"stays: {_counted(garbage.kept)}")
    if doing:
        remove(garbage, workspace)
    elif garbage.going:
        click.echo("--yes takes it away")
    return 0


def _counted(found: Sequence[Blob]) -> str:
    """`3 files, 12 MB (2 videos 11 MB, 1 image 1 MB)`."""
    from callsheet.cli.options import size

    parts = []
    for kind in KINDS:
        of_kind = [blob.size for blob in found if blob.kind == kind]
        if of_kind:
            parts.append(f"{_plural(len(of_kind), kind)} {size(sum(of_kind))}")
    total = f"{_plural(len(found), 'file')}, {size(sum(blob.size for blob in found))}"
    return f"{total} ({', '.join(parts)})" if parts else total


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 or noun == 'audio' else 's'}"


def _bought(usd: float) -> str:
    from callsheet.cli.views.wording import money

    return f"; what was bought of it cost {money(usd)}" if usd else ""


def _here() -> Iterator[tuple[str, bool]]:
    from callsheet.runtime.store.inventory import blobs

    for root in ROOTS.values():
        yield from ((str(blob.path), blob.whole) for blob in blobs(root))


def _shared(store: str) -> Iterator[tuple[str, bool]]:
    from callsheet.runtime.remote_store.store import SharedStore

    return SharedStore.at(store, Workspace().store()).verified()
