"""`callsheet lock`: the lock file of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from callsheet.cli.answer import Answer, json_option, json_text
from callsheet.cli.errors import explain
from callsheet.cli.kept_answers import Say, repeated
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.pipelines import several_pipelines_options
from callsheet.errors import InputError, PipelineError
from callsheet.spec.plural import plural

if TYPE_CHECKING:
    from callsheet.api.given import Given
    from callsheet.api.lock import ComparedLock
    from callsheet.runtime.renew_lock import RenewedLock
    from callsheet.runtime.settle_lock import SettledLock
    from callsheet.spec.json_documents import LocksJson

SIDE = "The address, `recipes/git+…` for a recipe, or `all`; may be repeated."


@click.command("lock")
@several_pipelines_options
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if file and lock file differ.")
@click.option(
    "--ours", multiple=True, metavar="ADDRESS", help=f"Where two decisions differ, keep the first. {SIDE}"
)
@click.option(
    "--theirs", multiple=True, metavar="ADDRESS", help=f"Where two decisions differ, keep the second. {SIDE}"
)
@click.option(
    "--upgrade",
    multiple=True,
    metavar="recipes/NAME",
    help="Pin the newest commit of this recipe, `recipes` for all; may be repeated.",
)
@click.option(
    "--prune",
    multiple=True,
    metavar="SECTION",
    help="Remove what the file says for other inputs: the name of a section, or `all`; may be repeated.",
)
@click.option("--textconv", is_flag=True, help="Print the lock file FILE in short lines, for `git diff`.")
@store_option
@json_option
def command(
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    check: bool,
    ours: tuple[str, ...],
    theirs: tuple[str, ...],
    upgrade: tuple[str, ...],
    prune: tuple[str, ...],
    textconv: bool,
    as_json: bool,
    store: str,
) -> int:
    """Write the lock file of FILE from the results that exist. Makes nothing, costs nothing.

    A paid result that the film still uses stays in it, also where its address changed. Results that leave it
    are listed. After a merge, the results and decisions of both sides are kept; where two decisions differ,
    --ours or --theirs chooses. With a shared store, all local results are uploaded to it.
    """
    if check and (ours or theirs or upgrade or prune):
        raise InputError("--check changes nothing", "give it alone")
    decided = Decided(ours, theirs, upgrade, prune)
    values = parse_sets(sets)

    def tell(say: Say) -> int:
        from callsheet.api.given import Given

        given = Given(sets=values, inputs=inputs, store=store)
        codes, answers = [], list[Answer]()
        for file in files:
            try:
                done = Typed(file, given, answers if as_json else None, say)
                codes.append(_show(file) if textconv else _lock(done, decided, check))
            except PipelineError as error:
                if len(files) == 1:
                    raise
                codes.append(explain(error))
        if check and len(files) > 1 and not as_json:
            differ = sum(code > 0 for code in codes)
            say(f"{plural(len(codes), 'film')}: {len(codes) - differ} as in the lock file, {differ} not")
        if as_json and answers:
            say(json_text(answers[0] if len(files) == 1 else _all(answers)))
        return max(codes)

    return repeated(files, tell) if check and not textconv else tell(click.echo)


def _all(answers: Sequence[Answer]) -> LocksJson:
    return {"version": 1, "locks": [dict(answer.to_json()) for answer in answers]}


class Decided(NamedTuple):
    """What a person said about the content of the lock file, in the options of the same names."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    upgrade: tuple[str, ...]
    prune: tuple[str, ...]


class Typed(NamedTuple):
    """What was typed about one lock file. answers: takes what is printed as JSON, None for text. say: prints
    a text."""

    file: Path
    given: Given
    answers: list[Answer] | None
    say: Say

    @property
    def as_json(self) -> bool:
        """Whether nothing but JSON goes to standard output."""
        return self.answers is not None


def _lock(typed: Typed, said: Decided, check: bool) -> int:
    """Write or compare one lock file. Returns the exit code."""
    from callsheet.api import lock as api

    file, given = typed.file, typed.given
    if check:
        return _tell_compared(api.lock_check(file, **given), typed)
    _tell_settled(api.lock_settle(file, said.ours, said.theirs, **given), typed.as_json)
    if said.upgrade:
        from callsheet.cli.views.lock import upgrade_lines

        upgraded = api.lock_upgrade(file, said.upgrade, **given)
        return _tell(upgraded, upgrade_lines(upgraded), typed)
    if said.prune:
        from callsheet.cli.views.lock import pruned_lines

        pruned = api.lock_prune(file, said.prune, **given)
        return _tell(pruned, pruned_lines(pruned), typed)
    return _tell_renewed(api.lock(file, settle=False, **given), typed)


def _tell(answer: Answer, lines: Iterable[str], typed: Typed) -> int:
    if typed.answers is not None:
        typed.answers.append(answer)
    else:
        click.echo("\n".join(lines))
    return 0


def _show(path: Path) -> int:
    from callsheet.api.lock import lock_text

    click.echo(lock_text(path), nl=False)
    return 0


def _tell_settled(done: SettledLock, as_json: bool) -> None:
    if done.merged:
        click.echo(f"{done.path}: merge conflicts are resolved", err=as_json)
    for sentence in done.chosen:
        click.echo(f"{done.path}: {sentence}", err=as_json)


def _tell_renewed(done: RenewedLock, typed: Typed) -> int:
    from callsheet.cli.views.lock import renewed_lines

    _tell(done, renewed_lines(done), typed)
    notes = done.uploaded.notes if done.uploaded else ()
    for note in notes:
        click.echo(f"error: {note}", err=True)
    return 3 if notes else 0


def _tell_compared(found: ComparedLock, typed: Typed) -> int:
    """Tell whether lock file and pipeline agree. Returns the exit code."""
    from callsheet.cli.views.lock import agreement_lines, drift_lines

    pipeline = typed.file
    if typed.answers is not None:
        typed.answers.append(found)
        return 0 if found.ok else 1
    for section in found.sections:
        drift, profile = section.drift, section.profile
        if drift.differences:
            click.echo("\n".join(drift_lines(drift, pipeline, profile)), err=True)
        else:
            typed.say("\n".join(agreement_lines(drift, pipeline, profile)))
    return 0 if found.ok else 1
