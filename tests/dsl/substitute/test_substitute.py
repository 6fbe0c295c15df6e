"""Values and whole files from one model to another: the nearest value; a file that checks, or why not."""

import json
import tempfile
from collections import defaultdict
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet import check
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.substitute.carry import medium
from callsheet.dsl.substitute.edits import Edit, applied
from callsheet.dsl.substitute.legal import Legal, legal
from callsheet.dsl.substitute.rewrite import substitute
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.nodes.registry import Registry
from callsheet.spec.choices import choices
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import INTEGER, JSON, NOTHING, NUMBER, STRING, Choice, Field, ListOf, Media, OneOf
from callsheet.testing.fakes import fake_spec

TASKS = ("text-to-video", "image-to-video", "text-to-image")
FILM = """callsheet: 1
nodes:
  made: # it
    uses: {uses}
    with: {params}
outputs: {{it: '${{{{ made.{output} }}}}'}}
"""
RATIOS = Choice(("16:9", "9:16", "1:1"))


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        (Field(Choice((5, 10))), "8s", (10, False)),
        (Field(Choice((5, 10))), "5s", (5, True)),
        (Field(Choice(("4s", "6s", "8s"))), 5, ("6s", False)),
        (Field(Choice(("5", "10"))), 5, ("5", True)),
        (Field(Choice(("720p", "1080p"))), "480p", ("720p", False)),
        (Field(Choice(("720P", "1080P"))), "1080p", ("1080P", True)),
        (Field(Choice(("720p", "1080p"))), "8s", None),
        (Field(RATIOS), "landscape_16_9", ("16:9", True)),
        (Field(RATIOS), "portrait_16_9", ("9:16", True)),
        (Field(RATIOS), "portrait_4_3", ("1:1", False)),
        (Field(RATIOS), "21:9", ("16:9", False)),
        (Field(RATIOS), "auto", None),
        (Field(Choice(("landscape_16_9", "square_hd"))), "1:1", ("square_hd", True)),
        (Field(INTEGER, minimum=1, maximum=4), 8, (4, False)),
        (Field(INTEGER), "8s", (8, True)),
        (Field(INTEGER), 2.4, (2, False)),
        (Field(NUMBER, minimum=3.0), 2, (3, False)),
        (Field(INTEGER), "720p", None),
        (Field(STRING), 8, ("8", True)),
        (Field(STRING), True, None),
        (Field(INTEGER), True, None),
        (Field(JSON), "x", ("x", True)),
        (Field(OneOf((Choice(("a",)), INTEGER))), "3", (3, True)),
        (Field(INTEGER), None, None),
        (Field(Choice((5, 10))), "many", None),
    ],
)
def test_the_nearest_value(field: Field, value: object, found: tuple[object, bool] | None) -> None:
    assert legal(field, value) == (Legal(*found) if found else None)  # type: ignore[arg-type]


@given(st.text(max_size=30), st.lists(st.integers(0, 30), max_size=6, unique=True))
def test_edits_leave_the_rest(text: str, places: list[int]) -> None:
    inside = sorted(p for p in places if p <= len(text))
    spans = list(zip(inside[::2], inside[1::2], strict=False))
    expected, at = "", 0
    for start, end in spans:
        expected, at = expected + text[at:start] + "#", end
    edits = [Edit(start, end, "#") for start, end in spans]
    assert applied(text, reversed(edits)) == expected + text[at:]


@cache
def specs() -> dict[str, list[NodeSpec]]:
    registry, found = Registry(), defaultdict(list)
    for entry in registry.entries():
        if entry.task in TASKS and "<" not in entry.uses:
            spec = registry.find(entry.uses)
            if spec is not None and spec.status == "active" and spec.provider == "fal" and spec.outputs:
                found[entry.task].append(spec)
    return found


def example(name: str, field: Field, data: st.DataObject) -> Any:
    """A value that the parameter takes, or None where it is not easy to make one."""
    if (kind := medium(field.type)) is not None:
        url = f"https://example.org/{name}.{kind}"
        return [url] if "list" in str(field.type) else url
    if values := list(choices(field.type)):
        return data.draw(st.sampled_from(values))
    if field.default is not NOTHING:
        return field.default
    if field.type == STRING:
        return "a lighthouse"
    return {"integer": 1, "number": 1.0, "boolean": True}.get(str(field.type))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_file_checks_or_it_is_told_why_not(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(TASKS))
    old, new = data.draw(st.sampled_from(specs()[task])), data.draw(st.sampled_from(specs()[task]))
    names = [n for n, f in old.inputs.items() if f.required or data.draw(st.booleans())]
    params = {n: v for n in names if (v := example(n, old.inputs[n], data)) is not None}
    output = next((n for n, t in old.outputs.items() if medium(t)), next(iter(old.outputs)))
    pick = "[0]" if "list" in str(old.outputs[output]) else ""
    flow = data.draw(st.booleans())
    lines = "".join(f"\n      {n}: {json.dumps(v)}  # {n}" for n, v in params.items())
    body = json.dumps(params) if flow else lines or "{}"
    text = FILM.format(uses=old.uses, params=body, output=output + pick)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.yaml"
        path.write_text(text, encoding="utf-8")
        if not check(path).ok:
            return
        report = Report()
        source = read_source(path, report)
        assert source is not None
        root = read_yaml(source, report)
        assert root is not None
        done = substitute(source, root, old.uses, old, new)
        path.write_text(done.text, encoding="utf-8")
        found = check(path)
    kinds = {remark.kind for remark in done.remarks}
    told = "missing" in kinds or any("its output" in r.text for r in done.remarks)
    errors = {d.code for d in found.diagnostics if d.severity == "error"}
    assert found.ok or told or errors <= {"model-rule", "parameter-length"}, (
        done.text,
        [d.message for d in found.diagnostics],
    )
    if old.uses == new.uses:
        assert done.text == text


FATES: dict[str, tuple[Field | None, Field | None, str, object]] = {
    "stays": (Field(STRING), Field(STRING), "x", "x"),
    "becomes a list": (Field(Media("image")), Field(ListOf(Media("image"))), "x.png", ["x.png"]),
    "becomes one": (Field(ListOf(Media("image"))), Field(Media("image")), "[x.png]", "x.png"),
    "is dropped": (Field(STRING), None, "x", None),
    "is near": (Field(Choice(("8s",))), Field(Choice((5, 10))), "8s", 10),
}
"""What becomes of a parameter: its field before and after, its text, and its value after."""


@pytest.mark.parametrize("end", ["}", ",}", " , }", "\n    }"])
@pytest.mark.parametrize("comma", [", ", ",", ",\n      "])
def test_every_neighbour_in_flow_style(comma: str, end: str) -> None:
    """All that can become of three parameters beside each other leaves a file that can be read."""
    for fates in product(FATES, repeat=3):
        named = {f"p{i}": FATES[fate] for i, fate in enumerate(fates)}
        old = fake_spec("fake/old", inputs={n: f for n, (f, _, _, _) in named.items() if f})
        new = fake_spec("fake/new", inputs={n: f for n, (_, f, _, _) in named.items() if f})
        params = comma.join(f"{name}: {text}" for name, (_, _, text, _) in named.items())
        text = f"nodes:\n  made:\n    uses: fake/old\n    with: {{{params}{end}\n"
        source = Source(Path("film.yaml"), text)
        root = read_yaml(source, Report())
        assert root is not None
        done = substitute(source, root, "fake/old", old, new)
        left = {name: after for name, (_, f, _, after) in named.items() if f}
        assert yaml.safe_load(done.text)["nodes"]["made"]["with"] == left, (text, done.text)
