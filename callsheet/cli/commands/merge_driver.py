"""`callsheet merge-driver`: merges lock files for git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click

from callsheet.errors import PipelineError
from callsheet.spec import shell

VERSION = click.Path(dir_okay=False, path_type=Path)


@click.command("merge-driver")
@click.argument("base", type=VERSION)
@click.argument("ours", type=VERSION)
@click.argument("theirs", type=VERSION)
@click.argument("path", default="")
def command(base: Path, ours: Path, theirs: Path, path: str) -> int:
    """Merge three versions of a lock file into OURS, for git. `callsheet init --git` sets it up.

    Results and decisions of both sides are joined. Where two decisions differ, both stay in the file, and git
    stops there: `callsheet lock FILE --ours ADDRESS` or --theirs chooses.
    """
    from callsheet.runtime.settle_lock import merge_lock

    name = path or str(ours)
    try:
        left = merge_lock(base, ours, theirs)
    except PipelineError as error:
        click.echo(f"{name}: {error}", err=True)
        subprocess.run(["git", "merge-file", "-q", str(ours), str(base), str(theirs)], check=False)
        return 1
    for sentence in left:
        click.echo(f"{name}: two decisions about {sentence}", err=True)
    if left:
        pipeline = name.removesuffix(".lock.yaml") + ".yaml"
        settle = shell.command(["callsheet", "lock", pipeline, "--ours", "ADDRESS"])
        click.echo(f"  help: {settle}, or --theirs; then git add", err=True)
    return 1 if left else 0
