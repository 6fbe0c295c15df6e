"""The parts of an operation, and declarations that several operations share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec.timing import snapped
from callsheet.nodes.media.codec.transition_names import NAMES
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import FIRST_VERSION, Job, Made, NodeSpec, Outputs, Parameters, Rule
from callsheet.spec.types import (
    IMAGE,
    INTEGER,
    NUMBER,
    VIDEO,
    Choice,
    Field,
    ListOf,
    MediaKind,
    OneOf,
    Record,
    Type,
)

NOT_ROUND: Final = 0.005
"""Frames per second between a rate and the clean one near it, from which it is an average."""
Predict = Callable[[Parameters], Mapping[str, Facts]]


class Operation(Protocol):
    """The module of an operation.

    SPEC: its declaration. DOC: a sentence on each parameter and output, with units. EXAMPLE: its parameters
    as a pipeline would write them. run: runs a job, with files in `job.workdir`; raises NodeError (*local*).
    """

    @property
    def SPEC(self) -> NodeSpec: ...
    @property
    def DOC(self) -> Mapping[str, str]: ...
    @property
    def EXAMPLE(self) -> Mapping[str, str]: ...

    def run(self, job: Job, /) -> Outputs: ...


VIDEOS: Final = Field(ListOf(VIDEO), required=True, min_items=1)
PICTURES: Final = ListOf(OneOf((IMAGE, VIDEO)))
WIDTH: Final = Field(INTEGER, minimum=16, maximum=8192)
HEIGHT: Final = Field(INTEGER, minimum=16, maximum=8192)
FPS: Final = Field(NUMBER, minimum=1, maximum=120)
TRANSITION: Final = Choice(NAMES)
"""The kind of a transition."""
COMING_IN: Final = Field(
    OneOf((TRANSITION, NUMBER, Record({"kind": Field(TRANSITION), "seconds": Field(NUMBER, minimum=0)}))),
    minimum=0,
)
"""How a clip comes in over the one before: a kind, seconds of a dissolve, or both."""
MODE: Final = Field(Choice(("pad", "crop", "blur")), default="pad")
REEL: Final[Mapping[str, Field]] = {"width": WIDTH, "height": HEIGHT, "fps": FPS, "mode": MODE}
"""Parameters of operations that bring several videos to one form."""
REEL_DOC: Final[Mapping[str, str]] = {
    "width": "Pixels; an odd number becomes the even one below. Follows `height`, else the first video.",
    "height": "Pixels; an odd number becomes the even one below. Follows `width`, else the first video.",
    "fps": "Frames per second of the result. The first video's if left out.",
    "mode": "What happens to a video of another shape: `pad` with black bars, `crop`, or `blur` behind it.",
}


def _after_its_end(params: Parameters) -> bool:
    at, whole = asked.known(params, "at"), facts_of(params, "video").seconds
    return at is not None and whole is not None and at > whole


PICTURE_AT_RULE: Final = Rule(
    ("at",),
    "there is no picture at this time: it is after the end of the video",
    "use `at: last` for its last picture",
    _after_its_end,
    facts=True,
)


def copied(job: Job, kind: MediaKind, path: Path) -> Made:
    """A copy of the file at `path` among the results of a job."""
    return Made(kind, Path(shutil.copyfile(path, job.workdir / f"{kind}{path.suffix}")))


def local(
    uses: str,
    summary: str,
    inputs: Mapping[str, Field],
    outputs: Mapping[str, Type],
    facts: Predict,
    rules: Sequence[Rule] = (),
    task: str = "media",
    roles: Mapping[str, str] | None = None,
    version: str = FIRST_VERSION,
) -> NodeSpec:
    """The spec of a local operation, which is free.

    version: of this operation alone, part of the keys of its results. It is raised where the result of the
    same parameters means something else, not where only its bytes differ. Local results are then made again;
    paid calls behind them are reused, since their keys count every operation at its first version.
    """
    return NodeSpec(
        uses=uses,
        provider="local",
        task=task,
        inputs=inputs,
        outputs=outputs,
        facts=facts,
        rules=tuple(rules),
        summary=summary,
        source="callsheet",
        version=version,
        determined=facts,
        roles=roles or {},
    )


def facts_of(params: Parameters, name: str) -> Facts:
    """The facts of one media parameter."""
    given = params.get(name)
    return given.facts if isinstance(given, Artifact) else Facts()


def facts_of_each(params: Parameters, name: str) -> list[Facts]:
    """The facts of each element of a media list; empty when the list is not known."""
    given = params.get(name)
    if not isinstance(given, list | tuple):
        return []
    return [item.facts if isinstance(item, Artifact) else Facts() for item in given]


def total(each: Sequence[Facts]) -> float | None:
    """The sum of the lengths in seconds, if every one is known."""
    lengths = [facts.seconds for facts in each if facts.seconds is not None]
    return round(sum(lengths), 6) if each and len(lengths) == len(each) else None


def any_sound(each: Sequence[Facts]) -> bool | None:
    """Whether any has sound; None while that is not known."""
    known = {facts.audio for facts in each}
    if True in known:
        return True
    return False if known == {False} else None


def even_down(length: float) -> int:
    """The even number of pixels at or below `length`, at least 2."""
    return max(2, int(length) // 2 * 2)


def asked_size(params: Parameters, first: Facts) -> tuple[int | None, int | None]:
    """The size that `width` and `height` ask for, the missing one by the shape of `first`."""
    width, height = params.get("width"), params.get("height")
    wide, high = first.width, first.height
    if isinstance(width, int) and isinstance(height, int):
        return even_down(width), even_down(height)
    if wide is None or high is None:
        return (even_down(width) if isinstance(width, int) else None), (
            even_down(height) if isinstance(height, int) else None
        )
    if isinstance(width, int):
        return even_down(width), max(2, round(width * high / wide / 2) * 2)
    if isinstance(height, int):
        return max(2, round(height * wide / high / 2) * 2), even_down(height)
    return even_down(wide), even_down(high)


def constant_rate(facts: Facts) -> float | None:
    """The rate of a film that gets that of a video; None for an average that no constant rate has."""
    if facts.fps is None or abs(facts.fps - float(snapped(Fraction(facts.fps)))) > NOT_ROUND:
        return None
    return facts.fps


def same_film(params: Parameters) -> Mapping[str, Facts]:
    """The facts of `video` where an operation leaves its length, size and sound as they are."""
    given = facts_of(params, "video")
    width, height = asked_size({}, given)
    return {"video": Facts(given.seconds, width, height, constant_rate(given), given.audio)}


def reel_facts(params: Parameters, seconds: float | None) -> Mapping[str, Facts]:
    """The facts of a film made of `videos` by an operation that takes width, height and fps."""
    each = facts_of_each(params, "videos")
    first = each[0] if each else Facts()
    width, height = asked_size(params, first)
    fps = params.get("fps")
    rate = float(fps) if isinstance(fps, int | float) else constant_rate(first)
    return {"video": Facts(seconds, width, height, rate, any_sound(each))}
