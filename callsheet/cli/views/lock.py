"""What the verb `lock` says: the renewed file, its differences, upgraded recipes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.cli.views.diff_summary import summary
from callsheet.cli.views.wording import price, printable, some
from callsheet.runtime.check_lock import LockDrift
from callsheet.runtime.lock.dropped import notes_on
from callsheet.runtime.recipes.upgrade import Reach
from callsheet.runtime.renew_lock import RenewedLock
from callsheet.runtime.settle_lock import PrunedLock
from callsheet.runtime.upgrade_recipes import UpgradedRecipes
from callsheet.spec import shell
from callsheet.spec.money import money
from callsheet.spec.plural import plural

DIGITS: Final = 12
"""Of a commit's hash."""


def renewed_lines(done: RenewedLock) -> Iterator[str]:
    """What was written, what has no result here, and what was uploaded."""
    yield f"{done.path}: {plural(done.instances, 'instance')}, {_written(done.changed)}"
    yield from notes_on(done.dropped)
    if done.missing:
        yield f"no result here, so unchanged: {some(done.missing)}"
    if done.uploaded:
        new = plural(done.uploaded.new, "result")
        yield f"{done.uploaded.store}: {new} uploaded, {done.uploaded.known} were there"


def drift_lines(found: LockDrift, pipeline: Path, profile: str = "") -> Iterator[str]:
    """Every difference, and the next step. profile: of the section, "" for none."""
    where, option = (f" (profile {profile})", ["--profile", profile]) if profile else ("", [])
    yield from (f"{found.path}{where}: {difference}" for difference in found.differences)
    run = shell.command(["callsheet", "run", pipeline, *option])
    yield f"  help: {run}, then commit {found.path}"


def agreement_lines(found: LockDrift, pipeline: Path, profile: str = "") -> Iterator[str]:
    """That both agree, and what could not be compared. profile: of the section, "" for none."""
    yield f"{found.path} and {pipeline} agree{f' (profile {profile})' if profile else ''}"
    if found.unclear:
        yield f"not checked, because their inputs are not here: {some(found.unclear)}"
    if found.left:
        yield f"in the lock, and not asked for: {some(found.left)}"
    if found.others:
        yield f"not checked, because it is for other inputs: {some(found.others)}"
    if found.schemas:
        yield f"the next run notes today's schema of: {some(found.schemas)}"


def pruned_lines(done: PrunedLock) -> Iterator[str]:
    """What was removed, and what that had cost."""
    for one in done.removed:
        inputs = f" ({', '.join(one.inputs)})" if one.inputs else ""
        cost = f"; of what it named, {money(one.usd)} are named no more" if one.usd else ""
        yield f"removed {one.name}{inputs}: {plural(one.results, 'result')}{cost}"
    if not done.removed:
        yield f"{done.path}: there is nothing to remove"


def upgrade_lines(done: UpgradedRecipes) -> Iterator[str]:
    """The commit of each recipe, and what changes with the new ones."""
    for pin in done.pins:
        change = f" → {pin.new[:DIGITS]}" if pin.moved else ", unchanged"
        yield f"{pin.pin}: {pin.old[:DIGITS]}{change}"
        for file in done.inside.get(pin.pin, ()):
            yield printable(f"  {file.path}")
            yield from (printable(f"    {what}") for what in file.what)
    if done.after is not None:
        yield from _changes(done.before, done.after)
    if done.film is not None:
        yield f"  this film: {summary(done.film)}"
    yield f"{done.path}: {_written(done.changed)}"


def _changes(old: Reach | None, new: Reach) -> Iterator[str]:
    if old is None:
        yield f"  the film would cost {price(new.usd, new.unpriced)}; its price before is not known"
        return
    for what, was, now in (
        ("endpoint", old.endpoints, new.endpoints),
        ("file that is sent", old.files, new.files),
    ):
        yield from (f"  new {what}: {name}" for name in sorted(now - was))
        yield from (f"  no longer: {name}" for name in sorted(was - now))
    was_price, now_price = price(old.usd, old.unpriced), price(new.usd, new.unpriced)
    same = was_price == now_price
    yield f"  price: {now_price}, unchanged" if same else f"  price: {was_price} → {now_price}"


def _written(changed: bool) -> str:
    return "written" if changed else "unchanged"
