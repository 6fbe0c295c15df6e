"""The input media of a job, by their roles."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from callsheet.nodes.media.codec import color, still
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job
from callsheet.spec.roles import infer_roles
from callsheet.spec.values import leaves


@dataclass(frozen=True, slots=True)
class Given:
    """first, last: the pictures that a clip begins and ends with. pictures: all others, in order.

    footage: the videos to work on or from. sounds: voices and music.
    """

    first: Artifact | None
    last: Artifact | None
    pictures: tuple[Artifact, ...]
    footage: tuple[Artifact, ...]
    sounds: tuple[Artifact, ...]

    @property
    def stills(self) -> tuple[Artifact, ...]:
        """Every picture, the first frame first."""
        return tuple(a for a in (self.first, *self.pictures, self.last) if a)


def given(job: Job) -> Given:
    """The input media of `job`, without masks."""
    roles = {**infer_roles(job.spec.inputs, job.spec.task), **job.spec.roles}
    found = [
        (roles.get(name, "source"), artifact)
        for name, value in job.params.items()
        for artifact in leaves(value, Artifact)
        if roles.get(name) != "mask"
    ]
    images = [(role, a) for role, a in found if a.kind == "image"]
    first = _one("first_frame", images) or _one("source", images)
    last = _one("last_frame", images)
    return Given(
        first=first,
        last=last,
        pictures=tuple(a for _, a in images if a is not first and a is not last),
        footage=tuple(a for _, a in sorted(found, key=_source_first) if a.kind == "video"),
        sounds=tuple(a for _, a in found if a.kind == "audio"),
    )


def picture(artifact: Artifact) -> Image.Image:
    """The image as RGB. Raises NodeError (*local*)."""
    return on_black(still.load(artifact.path))


def on_black(image: Image.Image) -> Image.Image:
    """The image as RGB in eight bits and sRGB; transparent parts become black."""
    return color.opaque(image)


def _one(role: str, images: list[tuple[str, Artifact]]) -> Artifact | None:
    return next((a for r, a in images if r == role), None)


def _source_first(item: tuple[str, Artifact]) -> bool:
    return item[0] != "source"
