"""What changes, as GitHub's markdown with pictures: the first few, the others folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from callsheet.cli.views.diff_markdown import WORDS, code, folded
from callsheet.runtime.diff.changes import Change, Changes, Pictured
from callsheet.spec.money import money

FIRST: Final = 3
MARKS: Final = {"added": "+", "removed": "-", "changed": "~", "affected": "*", "renamed": ">"}


def pictures_as_markdown(found: Sequence[Changes], base: str) -> str:
    """The strips of films, each with its shot, money and seconds. base: what the address of a strip begins
    with, before its file name."""
    told = [(one, shown) for one in found for shown in one.pictures]
    if not told:
        return "No picture changes.\n"
    films = len({one.pipeline for one, _ in told})
    shots = [_shot(one, shown, base, films > 1) for one, shown in told]
    lines = [f"**{len(shots)} {'shot changes' if len(shots) == 1 else 'shots change'}**", ""]
    for shot in shots[:FIRST]:
        lines += [*shot, ""]
    if rest := [line for shot in shots[FIRST:] for line in (*shot, "")]:
        lines += folded(f"and {len(shots) - FIRST} more", rest)
    return "\n".join(lines).rstrip("\n") + "\n"


def _shot(changes: Changes, shown: Pictured, base: str, with_film: bool) -> list[str]:
    change = next(one for one in changes.instances if one.address == shown.address)
    facts = " · ".join([WORDS[MARKS[change.what]], *_facts(change, shown)])
    film = f"{code(changes.pipeline)} " if with_film else ""
    return [
        f"{film}{code(shown.address)} {facts}",
        "",
        f"![before and after]({_address(base, quote(shown.file))})",
    ]


def _address(base: str, name: str) -> str:
    return base.replace("{}", name) if "{}" in base else base + name


def _facts(change: Change, shown: Pictured) -> Iterator[str]:
    if change.what != "removed":
        yield "paid already" if change.paid else "no known price" if change.usd is None else money(change.usd)
    lengths = [f"{seconds:g} s" for seconds in (shown.before, shown.after) if seconds is not None]
    if lengths:
        yield " → ".join(dict.fromkeys(lengths))
