"""Broken on purpose: whatever is done to a pipeline, check answers with messages that have a place."""

import random
import time
from pathlib import Path

import pytest

from callsheet import check
from callsheet.dsl.diagnostics.render import render_all
from callsheet.spec.permissions import PERMISSIONS, Permissions

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/film.yaml"))
PIECES = """
${{ }} ${% next( prev(clip) .images[0] [ ] { } : - " ' | > &a *a !!x each:shot uses: 0 -1 1e400 null true
é 日本 🎬 \u202e \x00 # @ % inputs. axis.shot. self __class__ |default( ~ if else not * with: when:3
"""
PIECE_LIST = [*PIECES.split(), "\n", "  ", "\t", ": ", "- ", "callsheet: 1"]


def broken(text: str, rng: random.Random) -> str:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text))
        match rng.randrange(4):
            case 0:
                text = text[:at] + rng.choice(PIECE_LIST) + text[at:]
            case 1:
                text = text[:at] + text[at + rng.randint(1, 12) :]
            case 2:
                other = rng.randrange(len(text))
                text = text[:at] + text[other : other + 30] + text[at:]
            case _:
                lines = text.split("\n")
                rng.shuffle(lines[rng.randrange(len(lines)) :])
                del lines[rng.randrange(len(lines))]
                text = "\n".join(lines)
    return text


def test_broken_pipelines_get_positioned_messages(tmp_path: Path, long: bool) -> None:
    rng = random.Random(20)
    texts = [path.read_text(encoding="utf-8") for path in EXAMPLES]
    for path in EXAMPLES:
        for extra in path.parent.iterdir():
            if extra.name != "film.yaml":
                (tmp_path / extra.name).write_bytes(extra.read_bytes())
    film = tmp_path / "film.yaml"
    for round_ in range(20_000 if long else 400):
        text = broken(rng.choice(texts), rng)
        film.write_text(text, encoding="utf-8", newline="")
        started = time.process_time()
        found = check(film)
        assert time.process_time() - started < 5, (round_, text)
        assert found.ok or any(d.severity == "error" for d in found.diagnostics), (round_, text)
        assert bool(render_all(found.diagnostics)) == bool(found.diagnostics), (round_, text)
        for diagnostic in found.diagnostics:
            line, column = diagnostic.span.source.position(diagnostic.span.start)
            assert line >= 1 and column >= 1


LIST = "inputs: {rows: {type: list, items: {id: string}, default: %s}}"
UNUSABLE_FILES = {
    "long list": LIST % f"./{'x' * 300}.csv",
    "zero in list": LIST % r'"a\0.csv"',
    "circle of lists": LIST % "./loop.csv",
    "circle of images": "inputs: {face: {type: image, default: ./loop.png}}",
    "circle of recipes": "nodes: {shot: {uses: ./loop.yaml}}",
    "circle of code": "nodes: {shot: {uses: './loop.py#make'}}",
}


@pytest.mark.parametrize("part", UNUSABLE_FILES.values(), ids=UNUSABLE_FILES.keys())
def test_a_file_that_cannot_be_looked_at_is_told_with_its_place(tmp_path: Path, part: str) -> None:
    for suffix in ("csv", "png", "yaml", "py"):
        (tmp_path / f"loop.{suffix}").symlink_to(f"loop.{suffix}")
    film = tmp_path / "film.yaml"
    rest = "" if "nodes" in part else "\nnodes: {line: {uses: text/chat, with: {prompt: hi}}}"
    film.write_text(f"callsheet: 1\n{part}{rest}\n", encoding="utf-8")
    errors = [d for d in check(film).diagnostics if d.severity == "error"]
    assert [d.code for d in errors] in (["local-file"], ["recipe-missing"], ["bad-plug-in"])


IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
THOUSAND = "axes: {x: {over: [%s]}, y: {over: [%s]}}" % ((", ".join(map(str, range(1000))),) * 2)
BEYOND_MEASURE = {
    "infinite number": (
        "nodes: {a: {uses: text/split, with: {text: \"${{ fit_duration(1e400, 'fal-ai/veo3') }}\"}}}",
        ("expression-too-large", "1e400"),
    ),
    "a thousand fields": (
        "inputs: {a: {type: json, default: {}}}\n"
        'nodes: {a: {uses: text/split, with: {text: "${{ inputs.a' + ".a" * 1000 + ' }}"}}}',
        ("expression-too-large", None),
    ),
    "a row that is no mapping": (
        "inputs: {s: {type: list, items: {id: string}, default: [{id: a}, nope]}}\n"
        'nodes: {a: {uses: text/split, with: {text: "${{ inputs.s.id | join }}"}}}',
        ("input-value", "nope"),
    ),
    "a long name": (f"nodes: {{a: {{uses: fal-ai/pika/v2.2/{'-' * 5000}}}}}", ("unknown-uses", None)),
    "a million instances": (
        f"{THOUSAND}\nnodes: {{a: {{each: [x, y], uses: text/split, with: {{text: hi}}}}}}",
        ("too-many-instances", "a"),
    ),
    "a million takes": (
        f"{THOUSAND}\nnodes: {{a: {{each: x, takes: 1000, uses: {IMAGE}, with: {{prompt: hi}}}}}}",
        ("too-many-instances", "a"),
    ),
    "twenty-one attempts": (
        f"nodes: {{a: {{retry: 21, uses: {IMAGE}, with: {{prompt: hi}}}}}}",
        ("bad-option", "21"),
    ),
}


@pytest.mark.parametrize(("part", "expected"), BEYOND_MEASURE.values(), ids=BEYOND_MEASURE.keys())
def test_what_is_beyond_measure_is_refused_at_its_place(
    tmp_path: Path, part: str, expected: tuple[str, str | None]
) -> None:
    film = tmp_path / "film.yaml"
    film.write_text(f"callsheet: 1\n{part}\n", encoding="utf-8")
    started = time.process_time()
    errors = [d for d in check(film).diagnostics if d.severity == "error"]
    code, marked = expected
    assert errors[0].code == code
    assert marked in (None, errors[0].span.text)
    assert time.process_time() - started < 5


def test_more_instances_when_a_person_allows_them(tmp_path: Path) -> None:
    film = tmp_path / "film.yaml"
    nodes = f"nodes: {{a: {{each: x, takes: 3, uses: {IMAGE}, with: {{prompt: hi}}}}}}"
    film.write_text(f"callsheet: 1\naxes: {{x: {{over: [a, b]}}}}\n{nodes}\n", encoding="utf-8")
    for most, ok in ((5, False), (6, True)):
        token = PERMISSIONS.set(Permissions(max_instances=most))
        try:
            assert check(film).ok == ok
        finally:
            PERMISSIONS.reset(token)
