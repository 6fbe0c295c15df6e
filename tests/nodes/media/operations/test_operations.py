"""Every operation is declared, documented and shown in a way that the checker agrees with."""

import asyncio

import pytest
import yaml

from callsheet.dsl.yaml.reader import core_value
from callsheet.errors import NodeError
from callsheet.nodes.local import Local
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.conform import problems
from callsheet.spec.types import NOTHING

SPECS = {uses: operation.SPEC for uses, operation in OPERATIONS.items()}
EVERY = pytest.mark.parametrize("uses", sorted(OPERATIONS))


def test_what_there_is():
    wanted = {"probe", "frame", "trim", "concat", "crossfade", "mux", "grid", "fit", "speed", "contact_sheet"}
    assert {f"media/{name}" for name in wanted} <= set(SPECS)
    assert {"text/split", "text/shots"} <= set(SPECS)
    assert all(spec.uses == uses for uses, spec in SPECS.items())


@EVERY
def test_every_parameter_and_output_is_documented(uses):
    operation = OPERATIONS[uses]
    named = {*operation.SPEC.inputs, *operation.SPEC.outputs}
    assert set(operation.DOC) == named
    assert all(line[-1] in ".…" for line in operation.DOC.values())
    assert operation.SPEC.summary.endswith(".")


@EVERY
def test_every_default_fits_its_own_type(uses):
    for name, field in OPERATIONS[uses].SPEC.inputs.items():
        if field.default is not NOTHING:
            assert list(problems(field, field.default)) == [], name


@EVERY
def test_every_example_names_parameters_that_exist(uses):
    operation = OPERATIONS[uses]
    written = {
        name: yaml.safe_load(value) if value.startswith("\n") else core_value(value)
        for name, value in operation.EXAMPLE.items()
    }
    assert set(written) <= set(operation.SPEC.inputs)
    assert {n for n, f in operation.SPEC.inputs.items() if f.required} <= set(written)
    for name, value in written.items():
        if "${{" not in str(value):
            assert list(problems(operation.SPEC.inputs[name], value)) == []


@EVERY
def test_nothing_known_foretells_nothing_wrong(uses):
    assert set(SPECS[uses].facts({})) <= set(SPECS[uses].outputs)


@pytest.mark.parametrize(
    ("uses", "params", "broken"),
    [
        ("media/trim", {"end": 2, "seconds": 1}, True),
        ("media/trim", {"start": 2, "end": 2}, True),
        ("media/trim", {"start": 1, "end": 2}, False),
        ("media/fit", {"aspect": "wide"}, True),
        ("media/fit", {"aspect": "nan:1"}, True),
        ("media/fit", {"aspect": "21:9"}, False),
        ("media/fit", {"aspect": "1:1", "width": 64, "height": 64}, True),
        ("media/contact_sheet", {"title": "x"}, True),
        ("text/split", {"by": "words"}, True),
        ("text/split", {"by": "words", "words": 8}, False),
        ("text/split", {"separator": "---"}, True),
        ("text/split", {"by": "separator", "separator": "---"}, False),
        ("text/shots", {}, True),
        ("text/shots", {"text": "a", "file": "b"}, True),
        ("text/shots", {"file": "b"}, False),
    ],
)
def test_rules(uses, params, broken):
    assert any(rule.broken(params) for rule in SPECS[uses].rules) is broken


def test_the_provider_works_in_threads(bench):
    local = Local(limit=3)
    assert (local.name, local.limit) == ("local", 3)
    job = bench.job("media/probe", media=bench.clip())
    outputs = asyncio.run(local.perform(job))
    assert outputs == {
        "kind": "video",
        "container": "MP4",
        "seconds": 1.0,
        "width": 64,
        "height": 36,
        "fps": 24.0,
        "audio": False,
    }


def test_probe_tells_of_images_and_sounds(bench):
    assert bench.run("media/probe", media=bench.image((20, 10), (1, 2, 3)))["width"] == 20
    told = bench.run("media/probe", media=bench.sound(1, 440))
    assert told["kind"] == "audio" and "width" not in told


def test_a_broken_input_is_a_sentence(bench, tmp_path):
    video = bench.clip(sound=(44_100, "stereo", 440))
    data = bytearray(video.path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    from callsheet.spec.media import Artifact

    try:
        outputs = bench.run("media/fit", video=Artifact("video", broken), aspect="1:1")
    except NodeError as error:
        assert error.kind == "local" and "broken.mp4" in error.message
    else:
        assert len(bench.seen(bench.given(outputs["video"].path))) == 24


def test_a_video_where_an_image_is_needed(bench):
    with pytest.raises(NodeError, match="is MP4, not an image"):
        bench.run("media/fit_image", image=bench.clip())
