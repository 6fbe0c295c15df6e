"""Which parameter of one model is which of another: by name, by role, then by what names of a kind mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.spec.node import NodeSpec
from callsheet.spec.roles import DURATIONS, FRAMES, MILLISECONDS, RATES, SCALES, SIZES, SOUND, TEXTS
from callsheet.spec.types import Field, ListOf, Maybe, Media, MediaKind, OneOf, Type

SAME_MEANING: Final[tuple[tuple[str, ...], ...]] = (
    DURATIONS,
    MILLISECONDS,
    FRAMES,
    RATES,
    SCALES,
    SOUND,
    TEXTS,
    ("resolution", "video_resolution", "output_resolution"),
    ("aspect_ratio", "video_aspect_ratio", *SIZES),
    ("num_images", "num_outputs", "num_samples"),
    ("num_inference_steps", "num_steps", "steps"),
    ("enable_prompt_expansion", "expand_prompt", "enhance_prompt", "prompt_optimizer"),
    ("output_format", "format", "image_format"),
)


def carried(old: NodeSpec | None, new: NodeSpec, names: Sequence[str]) -> dict[str, str]:
    """Parameter as written → parameter of `new`; what has no place there is not in it.

    What keeps its name is decided first, so that nothing else takes its place.
    """
    found: dict[str, str] = {}
    for find in (_by_name, _by_role, _by_meaning, _by_need):
        for name in names:
            if name in found:
                continue
            taken = {new.aliases.get(place, place) for place in found.values()}
            free = [n for n in new.inputs if n not in taken]
            called = (name, old.aliases[name]) if old and name in old.aliases else (name,)
            place = next((place for own in called for place in find(old, new, own, free)), None)
            if place is not None:
                found[name] = place
    return found


def _by_name(old: NodeSpec | None, new: NodeSpec, name: str, free: Sequence[str]) -> Iterator[str]:
    meant = new.aliases.get(name, name)
    if meant in free and _same_kind(old, name, new.inputs[meant]):
        yield name


def _by_role(old: NodeSpec | None, new: NodeSpec, name: str, free: Sequence[str]) -> Iterator[str]:
    role = old.roles.get(name) if old else None
    yield from (n for n in free if role and new.roles.get(n) == role and _same_kind(old, name, new.inputs[n]))


def _by_meaning(old: NodeSpec | None, new: NodeSpec, name: str, free: Sequence[str]) -> Iterator[str]:
    for group in SAME_MEANING:
        if name in group:
            yield from (n for n in group if n in free and _same_kind(old, name, new.inputs[n]))


def _by_need(old: NodeSpec | None, new: NodeSpec, name: str, free: Sequence[str]) -> Iterator[str]:
    """A medium may take the one required place of its kind, whatever the role is called there."""
    kind = medium(old.inputs[name].type) if old and name in old.inputs else None
    places = [n for n in free if new.inputs[n].required and medium(new.inputs[n].type) == kind]
    if kind is not None and len(places) == 1:
        yield places[0]


def _same_kind(old: NodeSpec | None, name: str, new: Field) -> bool:
    """Media goes where media of its kind is taken, and nothing else does."""
    name = old.aliases.get(name, name) if old else name
    if old is None or name not in old.inputs:
        return True
    return medium(old.inputs[name].type) == medium(new.type)


def is_list(t: Type) -> bool:
    """Whether a parameter takes a list of media and not one alone."""
    match t:
        case ListOf():
            return True
        case Maybe(inner):
            return is_list(inner)
        case OneOf(options):
            return all(map(is_list, options))
    return False


def medium(t: Type) -> MediaKind | None:
    """The kind of a medium or of a list of them; None for anything else, objects with media in them too."""
    match t:
        case Media(kind):
            return kind
        case ListOf(inner) | Maybe(inner):
            return medium(inner)
        case OneOf(options):
            return next((found for option in options if (found := medium(option))), None)
    return None
