"""A few small specs, so that these tests are about the language and not about the catalogue."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import pytest

from callsheet.dsl.compiler import compile_file
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Decided, Given
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.registry import Registry
from callsheet.spec.node import NodeSpec
from callsheet.spec.permissions import Permissions
from callsheet.spec.types import (
    AUDIO,
    IMAGE,
    INTEGER,
    JSON,
    STRING,
    VIDEO,
    Choice,
    Field,
    ListOf,
    Maybe,
    Record,
    Type,
)


def spec(uses: str, inputs: dict[str, Field], outputs: dict[str, Type]) -> NodeSpec:
    return NodeSpec(uses, "fal", "test", inputs, outputs, lambda params: {})


SHOT = Record(
    {
        "id": Field(STRING, required=True),
        "prompt": Field(STRING, required=True),
        "seconds": Field(INTEGER, required=True),
    }
)
SPECS = {
    s.uses: s
    for s in (
        spec(
            "x/image",
            {
                "prompt": Field(STRING, required=True),
                "seed": Field(INTEGER),
                "image_urls": Field(ListOf(IMAGE)),
            },
            {"images": ListOf(IMAGE), "seed": INTEGER},
        ),
        spec(
            "x/video",
            {
                "prompt": Field(STRING),
                "image_url": Field(IMAGE, required=True),
                "end_url": Field(IMAGE),
                "audio_url": Field(AUDIO),
                "duration": Field(Choice(("4s", "8s"))),
                "options": Field(JSON),
            },
            {"video": VIDEO},
        ),
        spec("x/frame", {"video": Field(VIDEO, required=True)}, {"image": IMAGE}),
        spec("x/concat", {"videos": Field(ListOf(VIDEO), required=True)}, {"video": VIDEO}),
        spec(
            "x/text",
            {"prompt": Field(STRING, required=True), "api_key": Field(STRING)},
            {"text": STRING, "number": INTEGER, "data": JSON},
        ),
        spec(
            "x/script",
            {"prompt": Field(STRING, required=True)},
            {"shots": ListOf(SHOT), "text": STRING, "data": JSON},
        ),
    )
}


NOTED = Record(
    {
        "id": Field(STRING, required=True),
        "note": Field(Maybe(STRING)),
        "number": Field(INTEGER),
        "lens": Field(Record({"name": Field(STRING)}), required=True),
    }
)
SPECS["x/notes"] = spec("x/notes", {}, {"shots": ListOf(NOTED)})


class FakeSpecs:
    def find(self, uses: str) -> NodeSpec | None:
        return SPECS.get(uses)

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        return Registry().find_code(uses, path, function)

    def nearest(self, uses: str) -> tuple[str, ...]:
        return tuple(get_close_matches(uses, SPECS, 3))


Read = Callable[..., tuple[Graph | None, Report]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """read(yaml, sets={…}, inputs="in.yaml", **{"shots.csv": "…"}) → (graph, report)."""

    def read(
        text: str,
        sets: dict[str, str] | None = None,
        inputs: str | None = None,
        decided: Decided | None = None,
        permissions: Permissions | None = None,
        **files: str | bytes,
    ) -> tuple[Graph | None, Report]:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        path = tmp_path / "film.yaml"
        path.write_text(text, encoding="utf-8")
        report = Report()
        named = (tmp_path / inputs,) if inputs else ()
        given = Given(sets or {}, named, permissions or Permissions(), decided=lambda _: decided or Decided())
        return compile_file(path, given, FakeSpecs(), report, inspector=MediaInspector()), report

    return read


@pytest.fixture
def graph(read: Read) -> Callable[..., Graph]:
    """The graph of a pipeline that must be right."""

    def graph(text: str, **more: object) -> Graph:
        found, report = read(text, **more)
        assert found is not None, [(d.span.place, d.code, d.message) for d in report.sorted()]
        return found

    return graph


@pytest.fixture
def errors(read: Read) -> Callable[..., list[tuple[str, str]]]:
    """(code, marked text) of everything wrong with a pipeline."""

    def errors(text: str, **more: object) -> list[tuple[str, str]]:
        _, report = read(text, **more)
        return [(d.code, d.span.text) for d in report.sorted() if d.severity == "error"]

    return errors
