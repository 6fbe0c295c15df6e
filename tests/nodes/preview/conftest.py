"""A studio: small specs, pictures and jobs for the preview's tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import av
import pytest
from PIL import Image

from callsheet.nodes.media.probe import probe
from callsheet.nodes.preview import video
from callsheet.nodes.preview.perform import perform
from callsheet.nodes.preview.reels import Reels
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import Field, Type, parse_type

CLIP = Facts(seconds=0.5, width=160, height=90, fps=24.0, audio=False)


class Studio:
    """Where tests make previews; every job gets a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs = 0

    def job(self, spec: NodeSpec, address: str = 'clip["dawn"]', **params: object) -> Job:
        self.jobs += 1
        workdir = self.folder / f"job-{self.jobs}"
        workdir.mkdir()
        return Job(address, spec, params, workdir)

    def perform(self, spec: NodeSpec, address: str = 'clip["dawn"]', **params: object) -> dict[str, object]:
        return dict(perform(self.job(spec, address, **params)))

    def path(self, spec: NodeSpec, address: str = 'clip["dawn"]', **params: object) -> Path:
        """The file of the only output."""
        (made,) = self.perform(spec, address, **params).values()
        assert isinstance(made, Made)
        return made.path

    def artifact(self, spec: NodeSpec, address: str = 'clip["dawn"]', **params: object) -> Artifact:
        path = self.path(spec, address, **params)
        return Artifact(next(iter(spec.outputs.values())).kind, path, facts=probe(path))

    def picture(self, name: str, size: tuple[int, int] = (160, 90), blue: int = 40) -> Artifact:
        """A picture file: red rises from left to right, green downwards, blue is even."""
        ramp = Image.linear_gradient("L")
        red, green = ramp.rotate(90).resize(size), ramp.resize(size)
        path = self.folder / name
        Image.merge("RGB", (red, green, Image.new("L", size, blue))).save(path)
        return Artifact("image", path, facts=Facts(width=size[0], height=size[1]))

    @staticmethod
    def spec(
        outputs: Mapping[str, str | Type],
        facts: Facts = CLIP,
        inputs: Mapping[str, Field] | None = None,
        roles: Mapping[str, str] | None = None,
        uses: str = "test/model",
        task: str = "",
    ) -> NodeSpec:
        types = {name: parse_type(t) if isinstance(t, str) else t for name, t in outputs.items()}
        assert None not in types.values()
        shown = dict.fromkeys(types, facts)
        return NodeSpec(uses, "fal", task, inputs or {}, types, lambda _: shown, roles=roles or {})

    @staticmethod
    def decoded(path: Path) -> list[Image.Image]:
        """Every picture of a video, as RGB."""
        with av.open(str(path)) as container:
            return [frame.to_image() for frame in container.decode(video=0)]

    @staticmethod
    def difference(first: Image.Image, second: Image.Image, box: tuple[int, int, int, int]) -> float:
        """The mean absolute difference of two pictures inside `box`, in levels of 0..255."""
        a, b = (image.convert("RGB").crop(box).tobytes() for image in (first, second))
        return sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)


@pytest.fixture(autouse=True)
def nothing_drawn_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of other tests are not used again."""
    monkeypatch.setattr(video, "REELS", Reels())


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)
