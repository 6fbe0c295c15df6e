"""docs/events.md: every event of a run, from its own class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, fields
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
    RunFinished,
    RunGrew,
    RunStarted,
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
- Each instance that was started ends in exactly one of `node_finished`, `node_failed` and `node_interrupted`,
  or is started again after `node_fell_back`; it starts after all that it needs has finished. One that is
  reused finishes without having started. A stream that was cut off may lack some.
- `made`, `reused`, `failed`, `blocked`, `waiting`, `spare` and `not_started` of the last line add up to
  `total` of the first; an interrupted instance counts as not started.
- Paths are relative to the current folder when they are below it, otherwise absolute. Times are seconds,
  money is USD.
- A text that would be empty, a list without elements and a number nobody knows are left out. New events and
  fields may come within a version: pass over what you do not know.
- Mistakes in the pipeline or the command line are found before the stream begins: then nothing is on standard
  output, and standard error says what is wrong.

## The events
"""

FIELDS: Mapping[str, str] = {
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
    RunStarted("lighthouse", "film.yaml", "run", total=10, usd=5.09, unpriced=0),
    RunGrew({"shot": ("dawn", "dusk")}, total=12, usd=6.11, unpriced=0),
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
    RunStarted("lighthouse", "film.yaml", "preview", total=1, usd=0.09, unpriced=0),
    NodeStarted(DAWN, HUNYUAN, "preview"),
    NodeFinished(DAWN, HUNYUAN, seconds=0.71, usd=0.0, files=("out/lighthouse/keyframe-dawn.png",)),
    RunFinished("done", made=1, seconds=0.74),
)
PLAIN: Mapping[object, str] = {str: "text", int: "integer", float: "number", bool: "true or false"}


def files() -> Mapping[str, str]:
    """The page, by its path."""
    return {PAGE: _page()}


def _page() -> str:
    head = HEAD.format(stream="\n".join(map(to_json, STREAM)))
    return "\n".join([head, *map(_section, EXAMPLES)])


def _section(example: Event) -> str:
    kind = type(example)
    hints = get_type_hints(kind)
    rows = [_row(example.event, field, hints[field.name]) for field in fields(example)]
    lines = [f"### {example.event}\n", f"{_meaning(kind)}\n", "| field | type | |", "|---|---|---|"]
    return "\n".join([*lines, *rows, f"\n```json\n{to_json(example)}\n```\n"])


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
    return "list of texts" if get_origin(hint) is tuple else "object"
