"""Cuts: what `cut` of `media/timeline` names."""

from __future__ import annotations

from typing import Final

from callsheet.spec.rules.rule import Rule, Text

CUT: Final = Rule("cut", "The cut of a timeline cannot be shown, or not all of it.")

CONFORM: Final = (
    "callsheet conform EDITED writes it: until then, give the node clips of its own instead of `cut`"
)


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
def no_cut(name: str) -> Text:
    """name: as it is written."""
    return f"there is no cut {name} yet", CONFORM


@CUT.error
def unreadable_cut(why: str, next_step: str) -> Text:
    return f"this cut cannot be shown: {why}", f"{next_step}. {CONFORM}"


@CUT.warning
def gone(what: str, seconds: float) -> Text:
    """what: the address. seconds: the place in the film."""
    return (
        f"the cut shows {what} at {seconds:.2f} s, which this film does not have: its place stays empty",
        "bring the shot back, or edit the film and type callsheet conform again",
    )


@CUT.error
def all_gone(name: str) -> Text:
    """name: of the file."""
    return f"this film has none of the shots that {name} shows", "is it the cut of another film?"


@CUT.error
def not_conformed(name: str) -> Text:
    """name: of the file."""
    return (
        f"{name} does not say which shot each of its clips shows",
        "callsheet conform finds it out: callsheet conform EDITED.otio",
    )
