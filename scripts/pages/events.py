"""docs/events.md: every event of a run, from its own class."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields, replace
from types import NoneType, UnionType
from typing import Literal, get_args, get_origin, get_type_hints

from callsheet.runtime.events import (
    Event,
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeGate,
    NodeIncomplete,
    NodeInterrupted,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    NodeWaiting,
    Planned,
    RunFinished,
    RunGrew,
    RunReused,
    RunStarted,
    Stamp,
    to_json,
)

PAGE = "docs/events.md"
HEAD = """\
# Events

A run reports its progress as a stream of events. All views of callsheet read this stream, and your program
can read it, too:

- `callsheet run film.yaml --preview --output json` writes one JSON object per line, in UTF-8, as things
  happen.
- `callsheet.run(…, emit=f)` calls `f` with each event, in the calling thread; see [Python](python.md).

This page is made from the classes of the events. The shortest stream is:

```text
{stream}
```

## What you may rely on

- The first line is `run_started`, and only it carries `version`. The last is `run_finished`. A stream without
  it was cut off.
- Every event carries the name of its run, its time and its number in the run, without gaps.
- `run_started` lists every instance that is known, and `run_grew` those that come later.
- Each instance that was started ends in exactly one of `node_finished`, `node_failed` and `node_interrupted`,
  or is started again after `node_fell_back`; it starts after all that it needs has finished. Those that
  earlier runs made are told in one `run_reused` instead. A stream that was cut off may lack some.
- `made`, `reused`, `failed`, `blocked`, `waiting`, `spare` and `not_started` of the last line add up to
  `total` of the first; an interrupted instance counts as not started.
- Paths are relative to the current folder when they are below it, otherwise absolute. Times are seconds,
  money is USD.
- A text that would be empty, a list without elements and a number nobody knows are left out. New events and
  fields may come within a version: pass over what you do not know.
- Mistakes in the pipeline or the command line are found before the stream begins: then nothing is on standard
  output, and standard error says what is wrong.
- Logs of version 1 have no `run`, `time`, `number` and `instances`, and a `node_finished` with `reused` for
  each instance instead of `run_reused`. `callsheet show --events` prints them as they are.

## What every event carries

{stamp}

## The events
"""

FIELDS: Mapping[str, str] = {
    "run": "the name of the run, as `callsheet show` takes it; the pipeline's, where nothing is bought",
    "time": "seconds since 1970, UTC",
    "number": "of the event in its run, from 1",
    "instances": "those that are known, or came: objects of `address`, `node` (its name in the file), "
    "`uses`, `provider` (in a preview, too, that of the model), `action` (as in `callsheet plan --json`) and "
    "`usd` (of this instance; null when nobody knows)",
    "count": "how many instances are reused",
    "nodes": "node → how many of its instances",
    "run_reused.files": "address → paths of what it left in the out folder, best first",
    "version": "of this format",
    "pipeline": "its name",
    "path": "its file",
    "mode": "`preview` draws stand-ins on this machine, `run` asks the models",
    "total": "how many instances there are to make, as far as is known",
    "axes": 'the address of each list, as in `shot` or `shot["act1"]` → the keys of its elements',
    "run_grew.usd": "USD: what the whole run would cost at known prices, as far as it is known now",
    "run_started.usd": "USD: what the run may spend at known prices; in a preview, what all of it would cost",
    "unpriced": "how many of them have no known price",
    "address": 'the instance, as in `clip["dawn"]`',
    "uses": "the endpoint or operation",
    "provider": "who is asked",
    "fraction": "from 0 to 1",
    "state": "`queued` or `running`",
    "position": "how many requests are before it",
    "seconds": "seconds since it started",
    "run_finished.seconds": "seconds since the run started",
    "usd": "USD: what it cost; 0 for what is local, a preview or was paid for before",
    "run_finished.usd": "USD: what the run cost",
    "files": "paths of what it left in the out folder, best first",
    "reused": "whether the same was made before and is taken from the store",
    "kind": "`rejected` (refused: validation, policy, authorization), `unavailable` (rate, capacity), "
    "`failed` (accepted, then failed; or out of time), `unknown` (nobody knows whether it was accepted), "
    "`local` (media, disk) or `bug`",
    "message": "what is wrong",
    "run_finished.message": "what is wrong with the run as a whole: the disk is full, an output has no value",
    "next_step": "what you can do",
    "report": "for a bug: what to paste into a report; without values, secrets and folders",
    "cause": "the address that failed",
    "missing": "the addresses that could not be made",
    "placeholder": "whether slates of the right length stand in their place; otherwise they are left out",
    "gate": "`closed`: what needs it waits until it is approved; `changed`: likewise, what was approved was "
    "another result; `open`: this is a preview, and goes on",
    "waiting": "how many wait until a person approves something that they need",
    "to": "the endpoint or operation that takes over; `node_started` of it follows",
    "spare": "how many were only for an alternative that was not needed",
    "status": "how it ended",
    "outputs": "the pipeline's outputs that could be made, by name: media as paths, in lists and objects as "
    "the pipeline has them",
    "made": "how many instances were made",
    "run_finished.reused": "how many were taken from the store",
    "failed": "how many failed",
    "blocked": "how many needed one that failed",
    "not_started": "how many the run did not come to, or was stopped in",
}

HUNYUAN = "fal-ai/hunyuan-image/v3/text-to-image"
DAWN, DUSK, CLIP, FILM = 'keyframe["dawn"]', 'keyframe["dusk"]', 'clip["dawn"]', "out/lighthouse/film.mp4"
EXAMPLES: tuple[Event, ...] = (
    RunStarted(
        "lighthouse",
        "film.yaml",
        "run",
        total=2,
        usd=0.09,
        unpriced=0,
        instances=(
            Planned("board", "board", "media/contact_sheet", "local", "reuse", 0.0),
            Planned(DAWN, "keyframe", HUNYUAN, "fal", "make", 0.09),
        ),
    ),
    RunGrew(
        {"shot": ("dawn", "dusk")},
        total=3,
        usd=0.18,
        unpriced=0,
        instances=(Planned(DUSK, "keyframe", HUNYUAN, "fal", "make", 0.09),),
    ),
    RunReused(1, {"board": 1}, {"board": ("out/lighthouse/board.png",)}),
    NodeSkipped('clip["night"]'),
    NodeStarted(DAWN, HUNYUAN, "fal"),
    NodeProgress(DAWN, 0.25),
    NodeWaiting(DAWN, "queued", position=3),
    NodeFinished(DAWN, HUNYUAN, seconds=7.1, usd=0.09, files=("out/lighthouse/keyframe-dawn.png",)),
    NodeFailed(
        DUSK,
        HUNYUAN,
        seconds=1.4,
        kind="rejected",
        message="the prompt was refused: content policy",
        next_step="change the prompt",
    ),
    NodeFellBack(
        CLIP,
        "fal-ai/veo3.1/fast/image-to-video",
        seconds=2.2,
        kind="rejected",
        message="the prompt was refused: content policy",
        to="fal-ai/pika/v2.2/image-to-video",
    ),
    NodeBlocked(CLIP, DUSK),
    NodeIncomplete("film", (CLIP,), placeholder=True),
    NodeGate(
        "board",
        "closed",
        ("out/lighthouse/board.png",),
        next_step="callsheet approve film.yaml board",
    ),
    NodeInterrupted(CLIP, seconds=3.2),
    RunFinished("done", {"film": FILM}, made=8, reused=2, seconds=81.3, usd=4.91),
)

STREAM: tuple[Event, ...] = (
    RunStarted(
        "lighthouse",
        "film.yaml",
        "preview",
        total=1,
        usd=0.09,
        unpriced=0,
        instances=(Planned(DAWN, "keyframe", HUNYUAN, "fal", "make", 0.09),),
    ),
    NodeStarted(DAWN, HUNYUAN, "preview"),
    NodeFinished(DAWN, HUNYUAN, seconds=0.71, usd=0.0, files=("out/lighthouse/keyframe-dawn.png",)),
    RunFinished("done", made=1, seconds=0.74),
)
NOON = 1_796_040_000.0
"""12:00 UTC on 2026-11-30."""
PLAIN: Mapping[object, str] = {str: "text", int: "integer", float: "number", bool: "true or false"}


def files() -> Mapping[str, str]:
    """The page, by its path."""
    return {PAGE: _page()}


def _page() -> str:
    stream = "\n".join(map(to_json, _stamped(STREAM, "lighthouse")))
    head = HEAD.format(stream=stream, stamp=_table("", fields(Stamp), get_type_hints(Stamp)))
    return "\n".join([head, *map(_section, _stamped(EXAMPLES, "lighthouse-3"))])


def _stamped(events: Sequence[Event], run: str) -> list[Event]:
    return [replace(event, run=run, time=NOON + i / 4, number=i + 1) for i, event in enumerate(events)]


def _section(example: Event) -> str:
    kind = type(example)
    hints = get_type_hints(kind)
    common = {field.name for field in fields(Stamp)}
    own = [field for field in fields(example) if field.name not in common]
    table = _table(example.event, own, hints)
    return f"### {example.event}\n\n{_meaning(kind)}\n\n{table}\n\n```json\n{to_json(example)}\n```\n"


def _table(event: str, rows: Sequence[Field[object]], hints: Mapping[str, object]) -> str:
    return "\n".join(
        ["| field | type | |", "|---|---|---|", *(_row(event, field, hints[field.name]) for field in rows)]
    )


def _meaning(kind: type) -> str:
    """The docstring up to where it turns to the fields."""
    return re.split(r"(?<=\.) \w+: ", " ".join((kind.__doc__ or "").split()))[0]


def _row(event: str, field: Field[object], hint: object) -> str:
    words = FIELDS.get(f"{event}.{field.name}") or FIELDS[field.name]
    rare = field.default in ("", (), None)
    return f"| `{field.name}` | {_type(hint)}{', may be left out' if rare else ''} | {words} |"


def _type(hint: object) -> str:
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(hint))
    if isinstance(hint, UnionType):
        return ", ".join(_type(option) for option in get_args(hint) if option is not NoneType)
    if get_origin(hint) is tuple:
        return "list of texts" if get_args(hint)[0] is str else "list of objects"
    return "object"
