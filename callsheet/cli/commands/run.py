"""`callsheet run`: runs a pipeline."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, get_args

import click

from callsheet.cli.options import (
    buy_again_option,
    limit_options,
    notify_option,
    on_option,
    only_option,
    out_option,
    output_option,
    parse_sets,
    store_option,
    webhook_option,
    yes_option,
)
from callsheet.cli.permissions import fetch_what_is_pinned, grant_options
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.runtime.plan.invocation import run_command
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.workspace import Workspace
from callsheet.spec.looks import Slate, Voice

if TYPE_CHECKING:
    from callsheet.cli.notify import Notifier
    from callsheet.cli.views import View
    from callsheet.runtime.plan.plan_file import PlanFile
    from callsheet.runtime.plan.run_options import RunSettings

LIMIT = "At most this many pending requests at each provider (default: 64)."
FROM_LOCK = "Make the film from what its lock file names, as in its archive: offline, and spend nothing."
VOICE = "How a preview speaks: with a tone, or by the program espeak-ng, if it is installed."
SIZE = "Draw a preview small: pixels of the shorter side of its pictures. 360 takes a third of the time."
SLATE = "Where a preview tells its story: in a band below the picture, over its lowest part, or nowhere."


@click.command("run")
@sole_pipeline_options
@click.option("--preview", is_flag=True, help="Draw stand-ins offline instead of calling models; free.")
@click.option("--slate", type=click.Choice(get_args(Slate)), default="band", show_default=True, help=SLATE)
@click.option("--voice", type=click.Choice(get_args(Voice)), default="tone", show_default=True, help=VOICE)
@click.option("--size", type=click.IntRange(90, 8192), metavar="PIXELS", help=SIZE)
@only_option("Make")
@out_option()
@output_option
@limit_options
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help=LIMIT)
@on_option
@yes_option
@click.option("--wait", is_flag=True, help="Wait until another run of this film has ended.")
@store_option
@webhook_option
@notify_option
@grant_options
@buy_again_option
@click.option("--from-lock", is_flag=True, help=FROM_LOCK)
@click.option("--require-cached", is_flag=True, help="Spend nothing: fail if something has to be paid for.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    preview: bool,
    slate: Slate,
    voice: Voice,
    size: int | None,
    only: tuple[str, ...],
    out: Path,
    output: str,
    budget: float | None,
    unpriced: bool | float,
    concurrency: int | None,
    on: str,
    yes: bool,
    wait: bool,
    store: str,
    webhook: str,
    notify: str,
    pay_again: bool,
    from_lock: bool,
    require_cached: bool,
) -> int:
    """Run the pipeline FILE, or execute the saved plan FILE exactly and once.

    Results are written to out/<name>/, previews to out/<name>/preview/. Exit codes: 0 done, 1 the file has
    errors or a node failed, 3 a bug or a full disk, 4 results wait for a person, 130 interrupted.
    """
    from callsheet.cli.views import told
    from callsheet.runtime.from_lock import require_lock, store_of_archive
    from callsheet.runtime.plan.given_plan import planned, saved_plan
    from callsheet.runtime.plan.run_options import RunSettings
    from callsheet.spec.permissions import PERMISSIONS
    from callsheet.spec.profile import PROFILE

    with told(output) as view:
        if from_lock:
            require_lock(file, preview)
            store, require_cached = store_of_archive(file, store), True
        else:
            fetch_what_is_pinned()
        trust, profile = PERMISSIONS.get().trust, PROFILE.get()
        request = RunRequest(file, parse_sets(sets), inputs, only, out, budget, unpriced, trust, profile)
        saved = saved_plan(file, request, preview)
        request = planned(saved, request) if saved else request
        settings = RunSettings(
            preview=preview,
            slate=slate,
            voice=voice,
            size=size or 0,
            concurrency=concurrency,
            on=on,
            wait=wait,
            store=store,
            webhook=webhook,
            pay_again=pay_again,
        )
        limit = budget is not None
        with Workspace.of(request.file) as workspace:
            return Typed(
                workspace, request, settings, output, view, yes, limit, saved, require_cached, notify
            ).execute()


@dataclass(frozen=True, slots=True)
class Typed:
    """A run as a person typed it. settings: how it is made. output: how it is shown; view: likewise, where it
    shows something already. yes and limit: `--yes`, and whether there is a `--budget`. saved: the plan that
    it executes. require_cached: spend nothing. notify: `--notify`."""

    workspace: Workspace
    request: RunRequest
    settings: RunSettings
    output: str
    view: View | None
    yes: bool
    limit: bool
    saved: PlanFile | None = None
    require_cached: bool = False
    notify: str = ""

    def execute(self) -> int:
        """Run it in sight of the person. Returns the exit code."""
        from callsheet.cli.notify import Notifier

        with Notifier(self.notify) as notifier:
            return self._execute(notifier)

    def _execute(self, notifier: Notifier) -> int:
        from callsheet.cli.views import choose
        from callsheet.runtime.store.receipt import current_receipt

        preview = self.settings.preview
        asked = {**self.request.to_json(), "preview": preview, "store": self.settings.store}
        if preview:
            asked |= {name: getattr(self.settings, name) for name in ("slate", "voice", "size")}
        receipt = self.workspace.receipt(asked, preview)
        view = self.view or choose(self.output, run_command(self.request, preview))
        if self.saved is None and (done := current_receipt(receipt)):
            done.replay(notifier.after(view.show))
            return 0
        return self._make(view, receipt, notifier)

    def _make(self, view: View, receipt: Path, notifier: Notifier) -> int:
        from callsheet.cli.confirm import Person, tells_of_waiting
        from callsheet.runtime.run import run
        from callsheet.runtime.start import Start

        def give_up() -> None:
            view.close()
            _leave_at_once(130)

        person = Person(yes=self.yes, limit=self.limit, quiet=self.output == "quiet")
        start = Start(self.workspace, self.request, self.settings, person, self.saved, self.require_cached)
        prepared, emit = start.prepared(), notifier.after(view.show)
        try:
            result = run(prepared, emit, give_up, receipt, confirm=True, on_wait=tells_of_waiting())
        finally:
            view.close()
        for note in result.notes:
            click.echo(f"note: {note}", err=True)
        if result.stuck:
            _leave_at_once(result.exit_code)
        return result.exit_code


def _leave_at_once(code: int) -> NoReturn:
    """Threads that would not stop must not hold the process."""
    import os

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
