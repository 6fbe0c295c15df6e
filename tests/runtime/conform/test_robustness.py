"""Files that are broken in any way: conform writes a cut or says what is wrong, and nothing else happens."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from callsheet.dsl.graph import Graph
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.check import load
from callsheet.runtime.conform.conform import conform
from callsheet.runtime.workspace import Workspace
from tests.conftest import Typed
from tests.grey_film import FILM, write_film

ODD: list[Any] = [
    None, True, -1, 0, 1e300, 10**30, "", "x" * 5_000, "\x00\x1b[31m\u202e", [], {}, [[]], {"a": {"b": []}},
    "../../../etc/passwd", "file:///etc/passwd", "https://example.com/x.mp4", "\\\\host\\share\\x",
    "NaN", -0.5,
]  # fmt: skip
CUT = FILM.replace(
    '{uses: media/concat, with: {videos: "${{ clip.video }}"}}',
    "{uses: media/timeline, with: {cut: ./film.cut.otio}}",
)


@pytest.fixture
def graph(callsheet: Typed) -> Graph:
    """A film that is made and handed over in three forms, with a note."""
    write_film()
    assert api.run("film.yaml").status == "done"
    callsheet("notes", "film.yaml", "--add", "too dark", "--at", "30")
    for form in ("otio", "fcp7", "edl"):
        assert callsheet("export", "film.yaml", "-o", "given", "-f", form)[0] == 0
    return load(Path("film.yaml"), {}, ())


def taken(graph: Graph, path: Path) -> bool:
    """Whether a file was taken over. Anything but a message is a failure. A cut that was written can be
    read, and the film with it is right or has messages."""
    try:
        with Workspace.of(graph.path) as workspace:
            conform(workspace, graph, path)
    except InputError as error:
        assert error.message
        return False
    json.loads(Path("film.cut.otio").read_text(encoding="utf-8"))
    Path("with_cut.yaml").write_text(CUT, encoding="utf-8")
    try:
        load(Path("with_cut.yaml"), {}, ())
    except PipelineError as error:
        assert error.errors
    return True


def nodes(tree: Any) -> list[Any]:
    """Every object and list in a tree."""
    found = [tree] if isinstance(tree, dict | list) else []
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in parts:
        found += nodes(part)
    return found


def broken_tree(tree: Any, chance: random.Random) -> Any:
    tree = deepcopy(tree)
    for _ in range(chance.randint(1, 4)):
        place = chance.choice([node for node in nodes(tree) if node])
        key = chance.choice([*place]) if isinstance(place, dict) else chance.randrange(len(place))
        if chance.random() < 0.2:
            del place[key]
        else:
            place[key] = deepcopy(chance.choice([*ODD, chance.choice(nodes(tree))]))
    return tree


def broken_text(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        lines = text.splitlines(keepends=True)
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                digits = [i for i, c in enumerate(lines[at]) if c.isdigit()]
                if digits:
                    i = chance.choice(digits)
                    lines[at] = (
                        lines[at][:i] + chance.choice(["-", "9", "99999999", "x", ""]) + lines[at][i + 1 :]
                    )
            case _:
                i = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:i] + chance.choice(["<", "&", "\x00", "é", ">", '"']) + lines[at][i:]
        text = "".join(lines) or "x"
    return text


@pytest.mark.parametrize("form", ["otio", "xml", "edl"])
def test_broken_files(graph: Graph, form: str, long: bool) -> None:
    source = Path(f"given/harbour.{form}").read_text(encoding="utf-8")
    path, many = Path("given", f"broken.{form}"), 0
    for seed in range(500 if long else 25):
        chance = random.Random(seed)
        if form == "otio":
            path.write_text(json.dumps(broken_tree(json.loads(source), chance)), encoding="utf-8")
        else:
            path.write_text(broken_text(source, chance), encoding="utf-8", errors="replace")
        many += taken(graph, path)
    assert many, "some of them are still cuts"
