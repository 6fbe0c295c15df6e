"""Cuts: what `cut` of `media/timeline` names."""

from __future__ import annotations

from typing import Final

from callsheet.spec.rules.rule import Rule, Text

CUT: Final = Rule("cut", "The cut of a timeline cannot be shown.")


@CUT.error
def clips_beside_cut() -> Text:
    return "`cut` says which clips there are, and so does `clips`", "keep one of them"


@CUT.error
def sounds_beside_cut() -> Text:
    return "the cut has sounds of its own, and `sounds` is an expression", "write `sounds` as a list"


@CUT.error
def cut_without_name() -> Text:
    return "`cut` is the name of a file", "for example `cut: ./film.cut.otio`"


@CUT.error
def unreadable_cut(why: str, next_step: str) -> Text:
    return f"this cut cannot be shown: {why}", next_step


@CUT.error
def not_conformed(name: str) -> Text:
    """name: of the file."""
    return (
        f"{name} does not say which shot each of its clips shows",
        "callsheet conform finds it out: callsheet conform EDITED.otio",
    )
