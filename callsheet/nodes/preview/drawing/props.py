"""Stand-ins for files that are neither picture nor sound: a small true file of the kind, or a note.

Formats: glTF 2.0 binary (Khronos), Wavefront OBJ, STL and PLY in ASCII, safetensors, ZIP.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from callsheet.nodes.preview.brief import Brief
from callsheet.nodes.preview.drawing.palette import color

Write = Callable[[Path, Brief], None]

CORNERS: Final = tuple((x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5))
FACES: Final = (
    *((0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)),
    *((2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)),
)
"""A cube: corners in metres, triangles counter-clockwise from outside."""

HINTS: Final = (
    (("glb", "gltf"), "glb"),
    (("obj",), "obj"),
    (("stl",), "stl"),
    (("ply", "splat", "gaussian", "point_cloud"), "ply"),
    (("lora", "safetensors", "weights", "checkpoint", "embedding"), "safetensors"),
    (("zip", "archive"), "zip"),
    (("config", "json", "timestamps", "metadata"), "json"),
    (("srt", "subtitle", "caption"), "srt"),
    (("model", "mesh", "3d"), "glb"),
)
"""Words in an output's name, and the ending they mean; the first hit counts."""

DATE: Final = (1980, 1, 1, 0, 0, 0)


def ending_for(name: str, params: Mapping[str, object]) -> str:
    """The ending of the file under the output `name`; a format that the request asks for comes first
    for a model or a mesh. What cannot be made as itself is a `txt` note.
    """
    lowered = name.lower()
    guess = next((end for words, end in HINTS if any(w in lowered for w in words)), "txt")
    asked = next((str(v).lower() for k, v in params.items() if "format" in k and isinstance(v, str)), "")
    return asked if guess == "glb" and asked in WRITERS else guess


def write(path: Path, brief: Brief) -> Path:
    """Write the stand-in for `path`, its form by its ending."""
    WRITERS.get(path.suffix.removeprefix("."), _note)(path, brief)
    return path


def _words(brief: Brief) -> str:
    made = f"Preview of {brief.address} ({brief.endpoint}, seed {brief.seed}). No model has run."
    return f"{made}\n{brief.prompt}\n"


def _note(path: Path, brief: Brief) -> None:
    path.write_text(_words(brief), encoding="utf-8", newline="\n")


def _json(path: Path, brief: Brief) -> None:
    facts = {"preview": True, "address": brief.address, "endpoint": brief.endpoint, "seed": brief.seed}
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8", newline="\n")


def _subtitles(path: Path, brief: Brief) -> None:
    said = brief.prompt or f"Preview of {brief.address}"
    path.write_text(f"1\n00:00:00,000 --> 00:00:05,000\n{said}\n", encoding="utf-8", newline="\n")


def _zip(path: Path, brief: Brief) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("preview.txt", DATE), _words(brief))


def _safetensors(path: Path, brief: Brief) -> None:
    """A header and no tensors."""
    note = {"preview": "true", "address": brief.address, "endpoint": brief.endpoint}
    header = json.dumps({"__metadata__": note}, ensure_ascii=True).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def _obj(path: Path, brief: Brief) -> None:
    points = "".join(f"v {x} {y} {z}\n" for x, y, z in CORNERS)
    faces = "".join(f"f {a + 1} {b + 1} {c + 1}\n" for a, b, c in FACES)
    path.write_text(
        f"# preview, no model has run\no preview\n{points}{faces}", encoding="ascii", newline="\n"
    )


def _stl(path: Path, brief: Brief) -> None:
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*CORNERS[i]) for i in face)
        + "endloop\nendfacet\n"
        for face in FACES
    )
    path.write_text(f"solid preview\n{facets}endsolid preview\n", encoding="ascii", newline="\n")


def _ply(path: Path, brief: Brief) -> None:
    axes = "".join(f"property float {axis}\n" for axis in "xyz")
    head = f"ply\nformat ascii 1.0\nelement vertex {len(CORNERS)}\n{axes}"
    head += f"element face {len(FACES)}\nproperty list uchar int vertex_indices\nend_header\n"
    points = "".join(f"{x} {y} {z}\n" for x, y, z in CORNERS)
    faces = "".join(f"3 {a} {b} {c}\n" for a, b, c in FACES)
    path.write_text(head + points + faces, encoding="ascii", newline="\n")


def _glb(path: Path, brief: Brief) -> None:
    """A cube in the shot's colour."""
    points = b"".join(struct.pack("<3f", *corner) for corner in CORNERS)
    indices = b"".join(struct.pack("<3H", *face) for face in FACES)
    red, green, blue = (channel / 255 for channel in color(brief.hue, 0.55, 0.7))
    views = [
        {"buffer": 0, "byteOffset": 0, "byteLength": len(points), "target": 34962},
        {"buffer": 0, "byteOffset": len(points), "byteLength": len(indices), "target": 34963},
    ]
    low, high = [-0.5] * 3, [0.5] * 3
    scene = {
        "asset": {"version": "2.0", "generator": "callsheet preview"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": brief.address}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [red, green, blue, 1.0]}}],
        "buffers": [{"byteLength": len(points + indices)}],
        "bufferViews": views,
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3", "min": low, "max": high},
            {"bufferView": 1, "componentType": 5123, "count": 3 * len(FACES), "type": "SCALAR"},
        ],
    }
    chunks = _chunk(b"JSON", json.dumps(scene).encode(), b" ") + _chunk(b"BIN\0", points + indices, b"\0")
    path.write_bytes(b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks)


def _chunk(kind: bytes, data: bytes, filler: bytes) -> bytes:
    data += filler * (-len(data) % 4)
    return struct.pack("<I", len(data)) + kind + data


WRITERS: Final[Mapping[str, Write]] = {
    "glb": _glb,
    "obj": _obj,
    "stl": _stl,
    "ply": _ply,
    "zip": _zip,
    "safetensors": _safetensors,
    "json": _json,
    "srt": _subtitles,
}
