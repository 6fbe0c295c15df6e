"""Makes the outputs of a job in a preview, each by its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.preview import image, tone, video
from callsheet.nodes.preview.answers import Known, LookUps, placed
from callsheet.nodes.preview.brief import Brief, brief
from callsheet.nodes.preview.consistent import consistent
from callsheet.nodes.preview.drawing import props
from callsheet.nodes.preview.given import Given, given
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.stand_in import StandIn
from callsheet.nodes.preview.take import Take
from callsheet.nodes.preview.words import timed_words
from callsheet.nodes.preview.writer import Writer
from callsheet.nodes.text.chat import USES
from callsheet.nodes.text.llm.json_schema import json_schema
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs
from callsheet.spec.types import (
    INTEGER,
    JSON,
    NUMBER,
    STRING,
    Field,
    ListOf,
    Maybe,
    Media,
    MediaKind,
    OneOf,
    Record,
    Type,
    media_in,
    parse_type,
)

COUNTS: Final = (
    "num_images",
    "num_videos",
    "num_outputs",
    "num_samples",
    "number_of_images",
    "n",
    "batch_size",
)
MOST: Final = 64
LENGTHS: Final = {"duration": 1, "seconds": 1, "duration_seconds": 1, "duration_ms": 1000}
SCHEMAS: Final = ("schema", "json_schema", "response_schema", "output_schema", "response_format")
NOTHING_KNOWN: Final = Known()
MAKERS: Final = {"image": image.image, "video": video.video, "audio": tone.audio}


def perform(job: Job, known: Known = NOTHING_KNOWN) -> Outputs:
    """Make every output of the job's spec; files are in its work folder. known: what is known of the
    instances of its film. Raises NodeError."""
    shown = brief(job)
    answers = known.answers_of(job.address)
    look_ups = known.look_ups_of(job.address)
    if job.spec.uses == USES:
        return {**_answered(job, shown, look_ups), **answers}
    performance = Performance(
        job, shown, given(job), job.spec.facts(job.params), _stand_in(shown), known.voice, known.size
    )
    invented = {name: t for name, t in job.spec.outputs.items() if name not in answers}
    made = {name: performance.output(name, t) for name, t in invented.items()}
    return {**_agreeing(job, made, shown, look_ups), **placed(answers, job.workdir)}


def _agreeing(job: Job, made: Outputs, shown: Brief, look_ups: LookUps) -> Outputs:
    """Outputs that are no media, changed where they contradict each other or what later nodes need."""
    types = {name: t for name, t in job.spec.outputs.items() if name in made and not any(media_in(t))}
    if not types:
        return made
    schema = json_schema(Record({name: Field(t) for name, t in types.items()}))
    values = {name: made[name] for name in types}
    return {**made, **consistent(values, schema, Dice("agreeing", shown.identity), look_ups)}


@dataclass(frozen=True, slots=True)
class Performance:
    """One job being performed. facts: output name → what the model would give."""

    job: Job
    brief: Brief
    given: Given
    facts: Mapping[str, Facts]
    stand_in: StandIn
    voice: str = ""
    size: int = 0

    def output(self, name: str, t: Type) -> object:
        """The value of the output `name`."""
        if any(media_in(t)):
            return self._media(name, (name,), t, 0)
        if (known := self._known(name, _bare(t))) is not None:
            return known
        if (words := timed_words(name, t, self.stand_in.words, self._seconds())) is not None:
            return words
        schema = self._schema()
        if schema is None:
            return self.stand_in.of_type(t, name)
        return self._by_schema(name, _bare(t), schema)

    def _seconds(self) -> float | None:
        """Length of the sound that is given or made, in seconds."""
        given = (one.facts for one in (*self.given.sounds, *self.given.footage))
        known = (facts.seconds for facts in (*given, *self.facts.values()))
        return next((seconds for seconds in known if seconds is not None), None)

    def _known(self, name: str, t: Type) -> object:
        """The value of an output that follows from the request, or None."""
        if t == STRING:
            return self.brief.prompt if name in ("prompt", "revised_prompt") and self.brief.prompt else None
        if t not in (INTEGER, NUMBER):
            return None
        if name == "seed":
            return self.brief.seed
        seconds = next((f.seconds for f in self.facts.values() if f.seconds is not None), None)
        if seconds is None or name not in LENGTHS:
            return None
        return round(seconds * LENGTHS[name]) if t == INTEGER else seconds * LENGTHS[name]

    def _media(self, output: str, place: tuple[str, ...], t: Type, index: int) -> object:
        """A value with media in it; `place` names its file."""
        match t:
            case Media(kind):
                return self._made(output, place, kind, index)
            case Maybe(inner):
                return self._media(output, place, inner, index)
            case OneOf(options):
                option = next(o for o in options if any(media_in(o)))
                return self._media(output, place, option, index)
            case ListOf(item):
                numbers = range(self._count())
                return [self._media(output, (*place, str(i + 1)), item, i) for i in numbers]
            case Record(fields):
                return {key: self._media(output, (*place, key), f.type, index) for key, f in fields.items()}
        return self.stand_in.of_type(t, place[-1])

    def _made(self, output: str, place: tuple[str, ...], kind: MediaKind, index: int) -> Made:
        shown, stem = self.brief.numbered(index), "-".join(place)
        if kind == "file":
            ending = props.ending_for(stem, self.job.params)
            return Made(kind, props.write(self.job.workdir / f"{stem}.{ending}", shown))
        facts = self.facts.get(output, Facts())
        return MAKERS[kind](Take(self.job, shown, self.given, facts, stem, self.voice, self.size))

    def _count(self) -> int:
        """How many elements a list of media has: what the request asks for, or one."""
        asked = (self.job.params.get(name) for name in COUNTS)
        whole = (n for n in asked if isinstance(n, int) and not isinstance(n, bool))
        return max(1, min(MOST, next(whole, 1)))

    def _schema(self) -> object:
        """The form that the request asks the answer to have, or None."""
        asked = (self.job.params.get(name) for name in SCHEMAS)
        return next((s for s in asked if isinstance(s, Mapping | Type | str) and s), None)

    def _by_schema(self, name: str, t: Type, schema: object) -> object:
        """The answer in the asked form: as it is for an output of JSON, written out for one of text."""
        if isinstance(schema, str):
            schema = parse_type(schema) or {}
        if isinstance(schema, Mapping):
            inner = schema.get("json_schema", schema)
            schema = inner.get("schema", inner) if isinstance(inner, Mapping) else schema
        if t not in (JSON, STRING):
            return self.stand_in.of_type(t, name)
        answer = (
            self.stand_in.of_type(schema, name)
            if isinstance(schema, Type)
            else self.stand_in.of_schema(schema, name)
        )
        return answer if t == JSON else json.dumps(answer, ensure_ascii=False)


def _answered(job: Job, shown: Brief, look_ups: LookUps) -> Outputs:
    """What a language model would answer: the declared fields, or a text."""
    writer = Writer(shown.prompt or shown.address, Dice("answer", shown.identity))
    if job.spec.answer is None:
        return {"text": writer.text("")}
    schema = json_schema(job.spec.answer)
    dice = Dice("agreeing", shown.identity)
    answer: Outputs = consistent(writer.answer(schema), schema, dice, look_ups)
    return answer


def _stand_in(shown: Brief) -> StandIn:
    words = shown.prompt or f"preview of {shown.address}"
    return StandIn(words, Dice("stand-in", shown.identity))


def _bare(t: Type) -> Type:
    return t.inner if isinstance(t, Maybe) else t
