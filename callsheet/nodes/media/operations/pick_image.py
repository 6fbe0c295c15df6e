"""media/pick_image: the first image that is there, of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.operation import copied, facts_of_each, local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import IMAGE, Field, ListOf


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"image": next(iter(facts_of_each(params, "images")), Facts())}


SPEC: Final = local(
    "media/pick_image",
    "The first image that is there, of several: one name for what different nodes make.",
    {"images": Field(ListOf(IMAGE), required=True, min_items=1)},
    {"image": IMAGE},
    _facts,
)
DOC: Final = {
    "images": "Those of skipped instances are left out; with `missing: skip`, those that failed as well.",
    "image": "The first of them, unchanged.",
}
EXAMPLE: Final = {
    "images": "${{ [fast.image, fine.image] }}",
}


def run(job: Job) -> Outputs:
    return {"image": copied(job, "image", asked.some_files(job, "images")[0])}
