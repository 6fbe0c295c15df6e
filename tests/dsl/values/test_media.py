"""Media that a pipeline names: literals, inputs and expressions go through the same checks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

import callsheet
from callsheet.dsl.graph import Graph
from callsheet.nodes.media.sniff import sniff
from callsheet.runtime.check import check
from callsheet.spec.values import LocalFile, leaves

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
WAYS = {
    "literal": "nodes: {n: {uses: USES, with: {PARAM: VALUE}}}",
    "input": "inputs: {m: {type: 'TYPE', default: VALUE}}\n"
    "nodes: {n: {uses: USES, with: {PARAM: '${{ inputs.m }}'}}}",
    "expression": "nodes: {n: {uses: USES, with: {PARAM: '${{ EXPRESSION }}'}}}",
}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short video, made here."""
    folder = tmp_path_factory.mktemp("video")
    Image.new("RGB", (32, 32)).save(folder / "a.png")
    nodes = "n: {uses: media/image_to_video, with: {image: ./a.png, seconds: 0.2}}"
    (folder / "film.yaml").write_text(f"callsheet: 1\nname: f\nnodes: {{{nodes}}}\n")
    result = callsheet.run(folder / "film.yaml", out=folder / "out", state=folder / "state")
    assert result.status == "done", result.failures
    return next((folder / "out").rglob("*.mp4"))


@pytest.fixture(autouse=True)
def files(in_folder: Path, video: Path) -> None:
    Image.new("RGB", (32, 32)).save("a.png")
    shutil.copy(video, "a.mp4")
    Path("a.heic").write_bytes(HEIC)
    Path("photo.jpg").write_bytes(HEIC)


def checked(way: str, uses: str, parameter: str, value: str, kind: str) -> tuple[Graph | None, list[str]]:
    text = WAYS[way].replace("USES", uses).replace("PARAM", parameter).replace("TYPE", kind)
    text = text.replace("VALUE", value).replace("EXPRESSION", value.replace('"', "\\'").replace("\\'", '"'))
    Path("film.yaml").write_text(f"callsheet: 1\nname: f\n{text}\n")
    found = check("film.yaml")
    return found.graph, [d.message for d in found.diagnostics if d.severity == "error"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "kinds"),
    [('["./a.mp4", "./a.mp4"]', ["video", "video"]), ('["./a.png", "./a.mp4"]', ["image", "video"])],
)
def test_a_union_of_media_takes_each_of_its_kinds(way: str, value: str, kinds: list[str]) -> None:
    """`media/grid` refused local videos that are named in the file."""
    kind = "list[video]" if "image" not in kinds else "list"
    if (way, kind) == ("input", "list"):
        pytest.skip("an input has one kind")
    graph, errors = checked(way, "media/grid", "videos", value, kind)
    assert not errors and graph is not None
    assert [file.kind for file in leaves(graph.instances["n"].params, LocalFile)] == kinds


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["a.heic", "photo.jpg"])
def test_heic_is_refused_before_anything_is_made(way: str, name: str) -> None:
    """`check` said ok, the run failed and advised to fetch it again."""
    assert sniff(Path(name)) is not None
    for uses, parameter in (
        ("media/fit_image", "width: 32, height: 32, image"),
        ("fal-ai/pika/v2.2/image-to-video", "prompt: x, image_url"),
    ):
        _, errors = checked(way, uses, parameter, f'"./{name}"', "image")
        assert [error.rpartition(": ")[2] for error in errors] == ["HEIC is not read here"]
