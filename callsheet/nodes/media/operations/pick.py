"""media/pick: the first video that is there, of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.operation import copied, facts_of_each, local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import VIDEO, Field, ListOf


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"video": next(iter(facts_of_each(params, "videos")), Facts())}


SPEC: Final = local(
    "media/pick",
    "The first video that is there, of several: one name for what different nodes make.",
    {"videos": Field(ListOf(VIDEO), required=True, min_items=1)},
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "videos": "Those of skipped instances are left out; with `missing: skip`, those that failed as well.",
    "video": "The first of them, unchanged.",
}
EXAMPLE: Final = {
    "videos": "${{ [fast.video, fine.video] }}",
}


def run(job: Job) -> Outputs:
    return {"video": copied(job, "video", asked.some_files(job, "videos")[0])}
