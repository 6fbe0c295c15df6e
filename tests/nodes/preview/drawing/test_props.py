"""Files that are neither picture nor sound."""

from __future__ import annotations

import json
import struct
import zipfile

import pytest

from callsheet.nodes.preview.drawing.props import CORNERS, FACES, WRITERS, ending_for
from callsheet.spec.types import FILE, Field, ListOf, Record


@pytest.mark.parametrize(
    ("name", "params", "ending"),
    [
        ("model_mesh", {}, "glb"),
        ("model_mesh", {"output_format": "obj"}, "obj"),
        ("diffusers_lora_file", {}, "safetensors"),
        ("config_file", {}, "json"),
        ("images_zip", {}, "zip"),
        ("subtitles", {}, "srt"),
        ("whatever", {"output_format": "png"}, "txt"),
    ],
)
def test_the_ending_follows_from_name_and_request(name, params, ending):
    assert ending_for(name, params) == ending


def written(studio, name, **params):
    return studio.path(studio.spec({name: "file"}), prompt="a cube", **params)


def test_a_mesh_is_a_true_binary_gltf(studio):
    data = written(studio, "model_mesh").read_bytes()
    magic, version, total = struct.unpack_from("<4sII", data)
    length, kind = struct.unpack_from("<I4s", data, 12)
    scene = json.loads(data[20 : 20 + length])
    assert (magic, version, total, kind) == (b"glTF", 2, len(data), b"JSON")
    binary, tag = struct.unpack_from("<I4s", data, 20 + length)
    assert tag == b"BIN\0" and binary >= scene["buffers"][0]["byteLength"]
    assert scene["accessors"][1]["count"] == 36


def test_the_cube_is_closed_and_faces_outwards():
    edges = [(f[i], f[(i + 1) % 3]) for f in FACES for i in range(3)]
    assert len(set(edges)) == 36 and all((b, a) in edges for a, b in edges)
    for face in FACES:
        (a, b, c), centre = (CORNERS[i] for i in face), [sum(CORNERS[i][n] for i in face) for n in range(3)]
        u, v = ([q[n] - a[n] for n in range(3)] for q in (b, c))
        normal = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
        assert sum(n * x for n, x in zip(normal, centre, strict=True)) > 0


def test_weights_are_a_header_without_tensors(studio):
    data = written(studio, "lora_file").read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    assert len(data) == 8 + length
    assert set(json.loads(data[8:])) == {"__metadata__"}


def test_an_archive_opens_and_says_what_it_is(studio):
    with zipfile.ZipFile(written(studio, "zip")) as archive:
        assert b"No model has run" in archive.read("preview.txt")


@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_every_writer_writes_the_same_bytes_twice(studio, ending):
    one, two = (written(studio, f"{ending}_file", output_format=ending) for _ in range(2))
    assert one.read_bytes() == two.read_bytes() != b""


def test_files_inside_objects_and_lists(studio):
    urls = Record({"glb": Field(FILE), "obj": Field(FILE)})
    out = studio.perform(studio.spec({"model_urls": urls, "parts": ListOf(FILE)}), prompt="cube")
    assert out["model_urls"]["obj"].path.read_text().startswith("#")
    assert [part.kind for part in out["parts"]] == ["file"]
