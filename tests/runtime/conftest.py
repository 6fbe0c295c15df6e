"""A small storyboard made by hand, and runs of it with a fake provider."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from callsheet.dsl.graph import Graph
from callsheet.runtime.events import Event, NodeFinished, RunReused
from callsheet.runtime.execute.result import Result
from callsheet.spec.types import IMAGE, ListOf
from callsheet.spec.values import Ref
from callsheet.testing.fakes import (
    FakeInspector,
    FakeProvider,
    fake_graph,
    fake_instance,
    fake_spec,
    run_with,
)

KEYFRAME = fake_spec("fake/image", {"images": ListOf(IMAGE)})
CLIP = fake_spec("fake/video")
CONCAT = fake_spec("media/join", provider="local")


@pytest.fixture
def storyboard() -> Callable[..., Graph]:
    """Keys → a graph of a keyframe and a clip for each, and the film of all clips."""

    def build(keys: Sequence[str] = ("dawn", "storm"), name: str = "lighthouse") -> Graph:
        instances = []
        for key in keys:
            address = f'["{key}"]'
            instances.append(fake_instance(f"keyframe{address}", KEYFRAME))
            first = Ref(f"keyframe{address}", ("images", 0))
            instances.append(fake_instance(f"clip{address}", CLIP, {"first": first}))
        clips = [Ref(f'clip["{key}"]', ("video",)) for key in keys]
        needs = [ref.address for ref in clips]
        instances.append(fake_instance("join", CONCAT, {"videos": clips}, needs))
        return fake_graph(instances, {"film": Ref("join", ("video",))}, name)

    return build


class Studio:
    """Runs graphs in the current folder, and keeps what was heard."""

    def __init__(self) -> None:
        self.provider = FakeProvider()
        self.heard: list[Event] = []

    def run(self, graph: Graph, **options: object) -> Result:
        """Like `run`, with fakes."""
        self.heard = []
        self.provider.calls.clear()
        makers = {"fal": self.provider, "local": self.provider}
        options = {"preview": True, "providers": makers, **options}
        return run_with(options.pop("providers"), graph, emit=self.heard.append, **options)

    def names(self) -> list[str]:
        """The events that were heard, by name."""
        return [event.event for event in self.heard]

    def done(self) -> dict[str, bool]:
        """The instances that are there in the end: address → whether they were reused."""
        reused = {address: True for event in self.of(RunReused) for address in event.files}
        return reused | {event.address: event.reused for event in self.of(NodeFinished)}

    def of(self, kind: type) -> list:
        """The events of one class."""
        return [event for event in self.heard if isinstance(event, kind)]


@pytest.fixture
def studio(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr("callsheet.runtime.store.blobs.MediaInspector", FakeInspector)
    return Studio()
