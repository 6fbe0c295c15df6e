"""Says that another program or another machine has a hand in the folder of the project."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.runtime.store.shared_folder import ELSEWHERE, risks
from callsheet.runtime.workspace import Workspace


def tell_of_shared_folder(file: Path) -> None:
    """Say so on standard error. file: of the pipeline."""
    with Workspace.of(file) as workspace:
        for risk in risks(workspace.state):
            click.echo(f"note: {risk}; {ELSEWHERE}", err=True)
