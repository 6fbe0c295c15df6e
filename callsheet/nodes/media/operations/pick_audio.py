"""media/pick_audio: the first sound that is there, of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.operation import copied, facts_of_each, local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import AUDIO, Field, ListOf


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"audio": next(iter(facts_of_each(params, "audios")), Facts())}


SPEC: Final = local(
    "media/pick_audio",
    "The first sound that is there, of several: one name for what different nodes make.",
    {"audios": Field(ListOf(AUDIO), required=True, min_items=1)},
    {"audio": AUDIO},
    _facts,
)
DOC: Final = {
    "audios": "Those of skipped instances are left out; with `missing: skip`, those that failed as well.",
    "audio": "The first of them, unchanged.",
}
EXAMPLE: Final = {
    "audios": "${{ [fast.audio, fine.audio] }}",
}


def run(job: Job) -> Outputs:
    return {"audio": copied(job, "audio", asked.some_files(job, "audios")[0])}
