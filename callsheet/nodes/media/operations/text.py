"""media/text: texts over a film, each from when to when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.lettering.label import STYLES, label_plate
from callsheet.nodes.media.lettering.parameters import (
    FONT,
    FONT_DOC,
    LOOK,
    LOOK_DOC,
    TIME,
    Fields,
    label_of,
    looked,
    rules_of,
    seen_rule,
)
from callsheet.nodes.media.operation import local, same_film
from callsheet.nodes.media.timeline.build import alone, over, span
from callsheet.nodes.media.timeline.model import Overlay, Timeline
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import STRING, VIDEO, Choice, Field, ListOf, Record

TEXT: Final = Record(
    {
        "text": Field(STRING, required=True, max_length=2000),
        "detail": Field(STRING, max_length=500),
        "style": Field(Choice(tuple(STYLES))),
        "at": TIME,
        "end": TIME,
        **LOOK,
    }
)


def _texts(params: Parameters) -> Iterator[str]:
    for one in asked.records(params.get("texts")):
        yield from (found for name in ("text", "detail") if isinstance(found := one.get(name), str))


def _spans(params: Parameters) -> Iterator[tuple[str, float | None, float | None]]:
    for number, one in enumerate(asked.records(params.get("texts")), 1):
        yield f"text {number}", asked.known(one, "at"), asked.known(one, "end")


SPEC: Final = local(
    "media/text",
    "A film with texts over it: captions, lower thirds, legal lines, each from when to when.",
    {
        "video": Field(VIDEO, required=True),
        "texts": Field(ListOf(TEXT), required=True, min_items=1, max_items=2000),
        **FONT,
    },
    {"video": VIDEO},
    same_film,
    (*rules_of(("texts",), ("texts",), _texts), seen_rule(("texts",), _spans)),
)
DOC: Final = {
    "video": "The film; as an output, the same with the texts. Its sound and its length stay.",
    "texts": "The texts, a later one over the earlier ones. `text`, and `detail`, a smaller line below."
    " `style`: `caption`, `lower_third`, `legal` or `title`; the other fields change it. `at`, `end`:"
    " from when to when, in seconds of the film; from its beginning, to its end if left out. "
    + LOOK_DOC
    + " Long texts are cut into lines that fit the safe area, which is narrower on films for phones, and"
    " get smaller.",
    **FONT_DOC,
}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "texts": """
      - {text: "${{ inputs.name }}", detail: "Marine biologist", style: lower_third, at: 1, end: 5}
      - {text: "Filmed without a camera.", style: legal}""",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    whole = alone(clip, clip.frames())
    texts = asked.records(asked.value(job, "texts"))
    overlays = [_overlay(job, whole, one, number) for number, one in enumerate(texts, 1)]
    return {"video": render(job, replace(whole, overlays=tuple(overlays)))}


def _overlay(job: Job, whole: Timeline, given: Fields, number: int) -> Overlay:
    text, detail = (str(given.get(name) or "") for name in ("text", "detail"))
    style = asked.one_of(STYLES, str(given.get("style") or "caption"), "style")
    look = looked(given, STYLES[style], text)
    label = label_of(job, look, text, detail)
    at, until = (asked.known(given, name) for name in ("at", "end"))
    seen = span(f"{job.address}: text {number}", whole, at, until)
    plate = label_plate(label, whole.size)
    return over(seen, lambda: repeat(plate), look.fade, whole.rate)
