"""`callsheet doctor`: what works on this machine and in this project, as a report to paste."""

from __future__ import annotations

import sys

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.output import coloured


@click.command("doctor")
@click.option("--online", is_flag=True, help="Also ask providers and the shared store whether they answer.")
@json_option
def command(online: bool, as_json: bool) -> int:
    """Look at this machine and at the project in this folder: Python, FFmpeg, fonts, keys, plug-ins, disk,
    store, ledger and catalogue. Changes nothing.

    The report has no secrets, so that you can paste it into an issue. Exits with 1 when something does not
    work.
    """
    from callsheet.runtime.doctor.examine import examine
    from callsheet.runtime.workspace import Workspace

    found = examine(Workspace.here, online)
    if as_json:
        print_json(found)
    else:
        from shutil import get_terminal_size

        from callsheet.cli.views.doctor import doctor_text

        click.echo(doctor_text(found, get_terminal_size().columns, coloured(sys.stdout)))
    return 0 if found.ok else 1
