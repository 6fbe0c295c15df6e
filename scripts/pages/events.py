"""docs/events.md: every event of a run, from its own class."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields, replace
from types import NoneType, UnionType
from typing import Final, Literal, get_args, get_origin, get_type_hints

from pages._parts import leads_on

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
    RunAborted,
    RunFinished,
    RunGrew,
    RunNote,
    RunReused,
    RunStarted,
    Stamp,
    to_json,
)

PAGE = "docs/events.md"
NEXT: Final = leads_on(
    ("Python", "python.md", "the same events in a program"),
    ("Troubleshooting", "troubleshooting.md", "exit codes, and what to do after a failure"),
)
HEAD = """\
# Events

A run reports its progress as a stream of events. All views of callsheet read this stream, and your program
can read it, too:

- `callsheet run film.yaml --preview --output json` writes one JSON object per line, in UTF-8, as things
  happen; `callsheet resume --output json`, too. Everything else goes to standard error.
- `callsheet.start(…).events()` gives each event as it happens; see [Python](python.md).

[The JSON Schema of a line](schemas/events.json) is printed by `callsheet schema events`. This page is made
from the classes of the events. The shortest stream is:

```text
{stream}
```

## What you can rely on

- The first line is `run_started`, which has the `version`. The last line is `run_finished`. If it is
  missing, the stream was cut off.
- Where a run cannot begin or go on, the last line is `run_aborted`; it may be the only line. It has the
  mistakes in the file as data: line, column, rule and next step.
- Every event has the name of its run, its time, and its number in the run, without gaps.
- `run_started` lists all instances that are known, and `run_grew` those that are added later.
- Each instance that starts ends in exactly one of `node_finished`, `node_failed` and `node_interrupted`, or
  it starts again after `node_fell_back`. It starts after everything that it needs has finished. Instances
  that earlier runs made are reported together in one `run_reused`. (If the stream was cut off, some may be
  missing.)
- `made`, `reused`, `failed`, `blocked`, `waiting`, `spare` and `not_started` of the last line add up to
  `total` of the first. An interrupted instance counts as not started.
- Paths are relative if they are below the current folder, otherwise absolute. Times are seconds, money is
  USD.
- Empty texts, empty lists and unknown numbers are left out. New events and fields may be added within a
  version: ignore what you do not know.
- The exit code and the messages on standard error are the same as without `--output json`. A command line
  that cannot be read (exit code 2) has no stream. `resume` of a run that is done, and `resume --fetch-only`,
  begin no run: they print no line.
- Logs of version 1 have no `run`, `time`, `number` and `instances`, and one `node_finished` with `reused` for
  each instance instead of `run_reused`. `callsheet show --events` prints them unchanged.

## If the stream was cut off

A program that lost the connection asks for the rest. The ledger keeps the events of every run that may buy
something, except progress and waiting: `callsheet show RUN --events-from 17` prints those from the number 17
on, and with `--follow` those that are still to come. From Python, these are `callsheet.events(…)` for a run
of any process, and `Run.events(start=17)` for one of your own, previews included. `run` and `resume` have no
such option: each begins a run with a name and numbers of its own, from 1.

## What every event carries

{stamp}

## The events
"""

FIELDS: Mapping[str, str] = {
    "run": "the name of the run, as for `callsheet show`; in a preview, the name of the pipeline",
    "time": "seconds since 1970, UTC",
    "number": "the number of the event in its run, from 1",
    "instances": "the known or added instances: objects with `address`, `node` (its name in the file), "
    "`uses`, `provider` (also in a preview: the provider of the model), `action` (as in "
    "`callsheet plan --json`) and `usd` (of this instance; null if unknown)",
    "count": "the number of reused instances",
    "nodes": "node → the number of its instances",
    "run_reused.files": "address → paths of its files in the out folder, best first",
    "version": "the version of this format",
    "pipeline": "its name",
    "path": "its file",
    "mode": "`preview` draws stand-ins on this machine, `run` asks the models",
    "total": "the number of known instances",
    "axes": 'the address of each list, as in `shot` or `shot["act1"]` → the keys of its elements',
    "run_grew.usd": "USD: what the whole run would cost at known prices, as far as it is known now",
    "run_started.usd": "USD: the largest cost at known prices; in a preview, what the film would cost",
    "unpriced": "the number of calls without a known price",
    "address": 'the instance, as in `clip["dawn"]`',
    "uses": "the endpoint or operation",
    "provider": "who makes it",
    "fraction": "from 0 to 1",
    "state": "`started` until a provider has accepted the request; then `queued` or `running` there, "
    "`queued` also while an engine (`--on`) has no worker, "
    "`fetching` while the result is fetched, or the provider's own word if it is none of these",
    "position": "the number of requests before it",
    "by": "the other run that makes it, and its machine if several share a ledger",
    "seconds": "seconds since it started",
    "node_waiting.seconds": "seconds since it started, if nothing changed and this only says so again",
    "trouble": "what is in the way; it is tried again",
    "warnings": "outputs that are missing or of another type than the model declares, and that nothing uses",
    "where": "the machine and process that made it, as in `render-2:4711`, where an engine (`--on`) did",
    "run_finished.seconds": "seconds since the run started",
    "usd": "USD: the cost; 0 for local operations, previews, and results that were already paid for",
    "run_finished.usd": "USD: the cost of the run",
    "files": "paths of its files in the out folder, best first",
    "reused": "whether an earlier result is used",
    "kind": "`rejected` (refused: validation, policy, authorization), `unavailable` (rate, capacity), "
    "`failed` (accepted, then failed; or out of time), `declined` (a person rejected it), "
    "`unknown` (nobody knows whether it was accepted), `local` (media, disk) or `bug`",
    "message": "what is wrong",
    "run_note.message": "what happened, in a sentence",
    "run_aborted.kind": "what is wrong: `pipeline` (mistakes in the file, see `diagnostics`), `input` "
    "(everything around it: a missing key, a locked project, nobody agreed), `store` (the disk) or `bug`",
    "diagnostics": "mistakes and warnings, as objects with `code` ([the rule](rules.md)), `severity`, "
    "`path`, `line` and `column` from 1, `end_line`, `end_column` (exclusive), `message`, `help` and `notes`",
    "run_finished.message": "what is wrong with the whole run: the disk is full, an output has no value",
    "next_step": "the next step",
    "report": "for a bug: text for a bug report, without values, secrets and folder names",
    "cause": "the address that failed",
    "missing": "the addresses that are missing",
    "placeholder": "whether slates replace them; otherwise they are left out",
    "gate": "`closed`: nodes that need it wait for approval; `changed`: the same, because the approval "
    "was for another result; `open`: a preview does not wait",
    "waiting": "the number of instances that wait for an approval",
    "to": "the endpoint or operation that is tried next; its `node_started` follows",
    "spare": "the number of instances that only an unused alternative needs",
    "status": "how it ended",
    "outputs": "the pipeline's outputs that could be made, by name: media as paths, in lists and objects as "
    "the pipeline has them",
    "made": "the number of instances that were made",
    "run_finished.reused": "the number of reused results",
    "failed": "the number of failed instances",
    "blocked": "the number of instances that need a failed one",
    "not_started": "the number of instances that did not start, or were interrupted",
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
    RunReused(1, {"board": 1}, {"board": ("out/lighthouse/parts/board.png",)}),
    RunNote("the shared store s3://films takes results again"),
    NodeSkipped('clip["night"]'),
    NodeStarted(DAWN, HUNYUAN, "fal"),
    NodeProgress(DAWN, 0.25),
    NodeWaiting(DAWN, "fetching", trouble="the file host answers with 503", seconds=61.3),
    NodeFinished(DAWN, HUNYUAN, seconds=7.1, usd=0.09, files=("out/lighthouse/parts/keyframe-01-dawn.png",)),
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
        ("out/lighthouse/parts/board.png",),
        next_step="callsheet approve film.yaml board",
    ),
    NodeInterrupted(CLIP, seconds=3.2),
    RunFinished("done", {"film": FILM}, made=8, reused=2, seconds=81.3, usd=4.91),
    RunAborted(
        "pipeline",
        "1 error in the pipeline",
        diagnostics=(
            {
                "code": "unknown-parameter",
                "severity": "error",
                "path": "film.yaml",
                "line": 7,
                "column": 5,
                "end_line": 7,
                "end_column": 10,
                "message": "fal-ai/veo3.1/fast/image-to-video has no parameter promt",
                "help": "did you mean prompt?",
                "notes": [],
            },
        ),
    ),
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
    NodeFinished(DAWN, HUNYUAN, seconds=0.71, usd=0.0, files=("out/lighthouse/parts/keyframe-01-dawn.png",)),
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
    return "\n".join([head, *map(_section, _stamped(EXAMPLES, "lighthouse-3")), NEXT])


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
