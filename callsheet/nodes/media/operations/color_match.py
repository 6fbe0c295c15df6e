"""media/color_match: a video in the colours of a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.look import Look
from callsheet.nodes.media.codec.match import Palette, matching, palette, samples
from callsheet.nodes.media.codec.reader import Clip, look
from callsheet.nodes.media.operation import local, same_film
from callsheet.nodes.media.timeline.build import alone, source_of
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.node import Job, Outputs
from callsheet.spec.types import IMAGE, NUMBER, VIDEO, Field, OneOf

MATCH_INPUTS: Final[Mapping[str, Field]] = {
    "reference": Field(OneOf((IMAGE, VIDEO)), required=True),
    "strength": Field(NUMBER, default=1, minimum=0, maximum=1),
}
MATCH_DOC: Final[Mapping[str, str]] = {
    "reference": "An image or a video with the colours that are wanted. From one of a single colour, the"
    " average is taken, and the contrast stays.",
    "strength": "How far it goes: 1 is all of the difference, 0.5 half of it.",
    "before": "How different the colours were from those of the reference: the distance of their averages and"
    " spreads in CIE Lab. 2 is just visible.",
    "after": "The same, measured in the result.",
}


def wanted_palette(job: Job) -> Palette:
    """The colours of the reference. Tells the person when it has only one."""
    source = source_of(asked.artifacts(job, "reference")[0])
    found = palette(samples(source) if isinstance(source, Clip) else [source.planes])
    if found.plain:
        job.tell("the reference has one colour: its average is taken, and the contrast stays")
    return found


def measures(job: Job, own: Palette, made: Palette, wanted: Palette) -> dict[str, float]:
    """The outputs that say how near the colours came. Tells the person, too."""
    before, after = (round(each.distance(wanted), 2) for each in (own, made))
    job.tell(f"colours were {before:.1f} from those of the reference, now {after:.1f}; 2 is just visible")
    return {"before": before, "after": after}


SPEC: Final = local(
    "media/color_match",
    "A video in the colours of a reference: one grade for the whole clip, and how near it came.",
    {"video": Field(VIDEO, required=True), **MATCH_INPUTS},
    {"video": VIDEO, "before": NUMBER, "after": NUMBER},
    same_film,
)
DOC: Final = {
    "video": "One shot: match the shots before you join them. As an output, the same with other colours.",
    **MATCH_DOC,
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "reference": "${{ inputs.mood_image }}",
    "strength": "0.8",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    own, wanted = palette(samples(clip)), wanted_palette(job)
    whole = alone(clip, clip.frames())
    grade = matching(own, wanted, asked.number(job, "strength"))
    made = render(job, replace(whole, finish=Look(grade).over(whole.size)))
    return {"video": made, **measures(job, own, palette(samples(look(made.path))), wanted)}
