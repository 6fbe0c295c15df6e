"""`callsheet cache`: the content store of the project."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.spec.plural import plural

if TYPE_CHECKING:
    from callsheet.runtime.shared_gc.garbage import SharedRules


@click.group("cache")
def command() -> None:
    """Show, verify and clean up the content store."""


@command.command("ls")
@click.option("--verbose", "-v", is_flag=True, help="List every file, newest first.")
@json_option
def ls(verbose: bool, as_json: bool) -> None:
    """Count the files of each kind, and their sizes."""
    from callsheet.cli.views.cache import blob_line, counted
    from callsheet.runtime.stored_files import stored_files
    from callsheet.runtime.workspace import Workspace

    found = stored_files(Workspace.here())
    if as_json:
        print_json(found)
        return
    for name, blobs in (("results", found.results), ("previews", found.previews)):
        click.echo(f"{name}: {counted(blobs)}")
        newest = sorted(blobs, key=lambda blob: (-blob.since, blob.digest))
        for blob in newest if verbose else ():
            click.echo(f"  {blob_line(blob)}")


@command.command("verify")
@click.option("--store", metavar="PLACE", default="", help="Verify the files of this shared store instead.")
@json_option
def verify(store: str, as_json: bool) -> int:
    """Read every file again; exit with 1 if one is damaged."""
    from callsheet.runtime.stored_files import verify as verified
    from callsheet.runtime.workspace import Workspace

    if as_json:
        from callsheet.api.project import cache_verify

        found = cache_verify(store)
        print_json(found)
        return 0 if found.ok else 1
    count, damaged = 0, 0
    for file in verified(Workspace.here(), store):
        count += 1
        if not file.whole:
            damaged += 1
            click.echo(f"damaged: {file.name}; delete it, it is fetched or made again when needed", err=True)
    click.echo(f"{plural(count, 'file')}, {damaged} damaged")
    return 1 if damaged else 0


@command.command("gc")
@click.option("--older-than", metavar="TIME", help="Only files that are older: 30d, 12h.")
@click.option("--max-size", metavar="SIZE", help="Only the oldest files, until so much is left: 10GB.")
@click.option("--all", "everything", is_flag=True, help="Also files that locks name or requests need.")
@click.option("--store", metavar="PLACE", default="", help="Delete files of this shared store instead.")
@click.option(
    "--forget",
    metavar="PROJECT",
    multiple=True,
    help="This project, or PROJECT/BRANCH, has ended: it needs no file any more.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted; the default without --yes.")
@click.option("--yes", "-y", is_flag=True, help="Delete the files.")
@json_option
def gc(
    older_than: str | None,
    max_size: str | None,
    everything: bool,
    store: str,
    forget: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Delete stored files that no lock file here names and no pending request needs.

    Results in out/ stay. Lock files of other branches are not considered. Ledger and cache are made smaller:
    of all but the last ten runs of a film, the ledger forgets which instances they only reused. What was paid
    for stays.

    With --store, files of a shared store are deleted that no film of any project needs and that are older
    than 30 days (or --older-than). Each run, and `callsheet lock`, says in the store what its film needs.
    Files that are older than the first of these notes stay, unless you add --all: nobody said who needs them.
    """
    from callsheet.cli.amounts import to_bytes, to_seconds

    seconds = to_seconds(older_than) if older_than else None
    size = to_bytes(max_size) if max_size else None
    deleting = yes and not dry_run
    if store:
        from callsheet.runtime.shared_gc.garbage import shared_rules

        return _clear_shared(store, shared_rules(seconds, size, everything, forget), deleting, as_json)
    if forget:
        raise click.UsageError("--forget is about a shared store: name it with --store")
    return _clear_own(seconds, size, everything, deleting, as_json)


def _clear_own(
    seconds: float | None, most: int | None, everything: bool, deleting: bool, as_json: bool
) -> int:
    from callsheet.cli.views.cache import garbage_lines
    from callsheet.cli.views.wording import size
    from callsheet.runtime.gc import Rules, find_garbage, remove
    from callsheet.runtime.workspace import Workspace

    before = time.time() - seconds if seconds is not None else None
    workspace = Workspace.here()
    garbage = find_garbage(workspace, Rules(before, most, everything))
    if as_json:
        print_json(garbage)
    else:
        click.echo("\n".join(garbage_lines(garbage, deleting)))
    if deleting:
        saved = remove(garbage, workspace)
        if saved > 0:
            click.echo(f"ledger and cache are {size(saved)} smaller", err=as_json)
    elif garbage.going and not as_json:
        click.echo("--yes deletes them")
    return 0


def _clear_shared(store: str, rules: SharedRules, deleting: bool, as_json: bool) -> int:
    from callsheet.cli.views.shared_garbage import shared_garbage_lines
    from callsheet.runtime.shared_gc.remove import remove_shared
    from callsheet.runtime.shared_gc.search import find_shared_garbage
    from callsheet.runtime.workspace import Workspace

    with Workspace.here() as workspace:
        search = find_shared_garbage(workspace, store, rules)
        if as_json:
            print_json(search.garbage)
        else:
            click.echo("\n".join(shared_garbage_lines(search.garbage, rules)))
        if deleting:
            removed = remove_shared(search, workspace)
            click.echo(f"deleted: {plural(removed, 'file')}", err=as_json)
        elif search.garbage.going and not as_json:
            click.echo("--yes deletes them")
    return 0
