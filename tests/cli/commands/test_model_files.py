"""`models add` and `models diff`, as a person types them, against a provider on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from callsheet import check
from callsheet.cli import main as cli
from callsheet.dsl.diagnostics.report import Report
from callsheet.emulator import Emulator
from callsheet.runtime.project_registry import registry_of
from callsheet.runtime.workspace import Workspace
from callsheet.spec.price.quote import quote

PIKA = "fal-ai/pika/v2.2/image-to-video"
VEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"
OWN = "acme/film/text-to-video"


def models(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["models", *words])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(tiny=True) as provider:
        yield provider


@pytest.fixture
def provider(emulator: Emulator, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    emulator.reset()
    monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
    monkeypatch.setenv("FAL_KEY", "planted")
    return emulator


@contextmanager
def schema_of(endpoint: str) -> Iterator[Any]:
    """The schema of the parameters in a project's document, to be changed."""
    path = Path("models") / f"{endpoint}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    (schema,) = [s for n, s in data["components"]["schemas"].items() if n.endswith("Input")]
    yield schema
    path.write_text(json.dumps(data), encoding="utf-8")


def edit(endpoint: str, **parameters: Any) -> None:
    """Change parameters in a project's document; None takes one out."""
    with schema_of(endpoint) as schema:
        for name, value in parameters.items():
            if value is None:
                del schema["properties"][name]
            else:
                schema["properties"][name] = value


def write(endpoint: str, **inputs: Any) -> None:
    """A document of the project's own."""
    schemas = {
        "In": {"type": "object", "properties": inputs, "required": [*inputs][:1]},
        "Out": {"type": "object", "properties": {"video": {"$ref": "#/components/schemas/VideoFile"}}},
        "VideoFile": {
            "type": "object",
            "properties": {"url": {"type": "string"}, "file_size": {"type": "integer"}},
        },
    }

    def content(name: str) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    paths = {
        f"/{endpoint}": {"post": {"requestBody": content("In")}},
        f"/{endpoint}/requests/{{request_id}}": {"get": {"responses": {"200": content("Out")}}},
    }
    path = Path("models") / f"{endpoint}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"components": {"schemas": schemas}, "paths": paths}), encoding="utf-8")


def test_add_writes_the_live_document_and_sends_no_key(
    provider: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = models(capsys, "add", PIKA, VEO)
    assert code == 0 and out == f"wrote models/{PIKA}.json\nwrote models/{VEO}.json\n"
    assert [e.authorized for e in provider.requests] == [False, False]
    text = Path(f"models/{PIKA}.json").read_text(encoding="utf-8")
    assert json.loads(text)["info"]["x-fal-metadata"]["endpointId"] == PIKA
    assert models(capsys, "add", PIKA)[1] == f"models/{PIKA}.json is unchanged\n"
    assert Path(f"models/{PIKA}.json").read_text(encoding="utf-8") == text


def test_the_project_comes_first(provider: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    models(capsys, "add", PIKA)
    shown = json.loads(models(capsys, "show", PIKA, "--json")[1])
    assert shown["source"] == f"models/{PIKA}.json" and shown["price"]["usd_with_defaults"] > 0
    assert shown["inputs"]["image_url"]["role"] == "first_frame"
    assert shown["inputs"]["resolution"]["enum"] == ["720p", "1080p"]
    edit(PIKA, resolution={"type": "string", "enum": ["720p", "4k"]})
    Path("film.yaml").write_text(
        f"callsheet: 1\nnodes:\n  clip:\n    uses: {PIKA}\n"
        "    with: {image_url: 'https://example.org/a.png', prompt: it moves, resolution: 4k}\n"
        "outputs: {film: '${{ clip.video }}'}\n",
        encoding="utf-8",
    )
    assert check("film.yaml").ok
    Path(f"models/{PIKA}.json").unlink()
    (found,) = check("film.yaml").diagnostics
    assert found.code == "parameter-choice"


def test_an_endpoint_that_nobody_else_knows(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(OWN, prompt={"type": "string"}, duration={"type": "string", "enum": ["4s", "8s"]})
    Path("film.yaml").write_text(
        f"callsheet: 1\nnodes:\n  clip:\n    uses: {OWN}\n    with: {{prompt: x, duration: 8}}\n"
        "outputs: {film: '${{ clip.video }}'}\n",
        encoding="utf-8",
    )
    (found,) = check("film.yaml").diagnostics
    assert found.code == "parameter-choice" and found.help == "write `8s`"
    assert OWN in models(capsys, "acme")[1]


def test_drift_between_project_and_live(provider: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    models(capsys, "add", PIKA)
    code, out, _ = models(capsys, "diff", "--exit-code")
    assert code == 0 and out.splitlines() == [
        PIKA,
        f"  catalogue → models/{PIKA}.json: no difference",
        f"  models/{PIKA}.json → live: no difference",
    ]
    edit(
        PIKA,
        seed=None,
        style={"type": "string"},
        resolution={"type": "string", "enum": ["720p", "4k"], "default": "4k"},
        negative_prompt={"type": "string", "maxLength": 10},
    )
    code, out, _ = models(capsys, "diff", PIKA, "--exit-code")
    assert code == 2
    assert out.split("→ live\n")[1].splitlines() == [
        '      input negative_prompt: default none → ""',
        "      input negative_prompt: max length 10 → none",
        '    ! input resolution: also "1080p"; no longer "4k"',
        '      input resolution: default "4k" → "720p"',
        "      input seed: new, integer",
        "    ! input style: gone",
    ]
    code, out, _ = models(capsys, "diff", PIKA, "--json", "--offline")
    (data,) = json.loads(out)["models"]
    assert code == 0 and [c["new"] for c in data["compared"]] == [f"models/{PIKA}.json"]
    assert {d["name"] for d in data["compared"][0]["drift"] if d["breaks"]} == {
        "seed",
        "resolution",
        "negative_prompt",
    }


def test_a_parameter_that_has_to_be_given_now_breaks(
    provider: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    models(capsys, "add", PIKA)
    with schema_of(PIKA) as schema:
        schema["required"] = ["prompt", "seed"]
    _, out, _ = models(capsys, "diff", PIKA)
    assert out.split("→ live\n")[1].splitlines() == [
        "    ! input image_url: required now",
        "      input seed: no longer required",
    ]


def test_drift_of_what_the_project_has_not_taken_in(
    provider: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert models(capsys, "diff", VEO)[1].splitlines() == [VEO, "  catalogue → live: no difference"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "no/such/endpoint"), "the provider has no endpoint no/such/endpoint"),
        (("add", "../../etc/passwd"), "is no endpoint of fal"),
        (("add", "hf/a/b@text-to-video"), "is no endpoint of fal"),
        (("diff",), "the project has no models of its own"),
        (("diff", "../x"), "is no endpoint of fal"),
        (("diff", "no/such", "--offline"), "there is no model no/such"),
    ],
)
def test_what_cannot_be_added(
    provider: Emulator, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, _, err = models(capsys, *words)
    assert code == 1 and said in err and not Path("models").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("invalid_json", "is not JSON"),
        ("empty", "is empty"),
        ("http_503", "answered 503"),
        ("reset", "could not be fetched"),
        ("gzip_bomb", "is larger than"),
        ("wrong_type", "not an object"),
        ("redirect", "answered 307"),
    ],
)
def test_a_provider_in_trouble(
    provider: Emulator, capsys: pytest.CaptureFixture[str], fault: str, said: str
) -> None:
    provider.fault(fault, on="models")
    code, _, err = models(capsys, "add", PIKA)
    assert code == 1 and said in err and not Path("models").exists()


def test_a_drift_that_cannot_be_seen_is_told(provider: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    models(capsys, "add", PIKA)
    provider.fault("http_503", on="models")
    code, out, _ = models(capsys, "diff")
    assert code == 0 and out.endswith("the provider answered 503\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "is JSON, but not an object"),
        ("{", "is not JSON"),
        ("{}", "has no schema of its input"),
        ('{"info": {"x-fal-metadata": {"endpointId": "a/b"}}}', "describes a/b"),
        ('{"components": {"schemas": {"AInput": {"$ref": "#/components/schemas/AInput"}}}}', "has no schema"),
    ],
)
def test_a_broken_document_is_named(
    in_folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    path = Path(f"models/{PIKA}.json")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    code, _, err = models(capsys, "show", PIKA)
    assert (
        code == 1 and said in err and f"models/{PIKA}.json" in err and f"callsheet models add {PIKA}" in err
    )


def test_a_place_that_cannot_be_written_is_told(
    provider: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("models").write_text("a file", encoding="utf-8")
    code, _, err = models(capsys, "add", PIKA)
    assert code == 3 and "could not be written" in err and "Traceback" not in err


@pytest.mark.parametrize(
    "made",
    [
        {"allOf": [{"$ref": "#/components/schemas/File"}]},
        {"$ref": "#/components/schemas/Clip"},
        {"type": "object", "properties": {"url": {"type": "string"}, "width": {"type": "integer"}}},
        {"anyOf": [{"$ref": "#/components/schemas/File"}, {"type": "null"}]},
    ],
)
def test_an_output_that_is_an_address_alone_is_a_medium(made: Any, in_folder: Path) -> None:
    """Kling's documents describe a file by `url` alone."""
    write(OWN, prompt={"type": "string"})
    path = Path(f"models/{OWN}.json")
    document = json.loads(path.read_text())
    only_url = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
    document["components"]["schemas"] |= {"File": only_url, "Clip": only_url}
    document["components"]["schemas"]["Out"]["properties"] = {
        "video": made, "last_frame_url": {"type": "string"}, "page": {"type": "string"}, "link": only_url
    }  # fmt: skip
    path.write_text(json.dumps(document))
    Path("film.yaml").write_text(
        f"callsheet: 1\nnodes:\n  clip: {{uses: {OWN}, with: {{prompt: hi}}}}\n"
        '  film: {uses: media/concat, with: {videos: ["${{ clip.video }}"]}}\n'
        '  still: {uses: media/fit_image, with: {image: "${{ clip.last_frame_url }}", width: 64}}\n'
        '  words: {uses: text/split, with: {text: "${{ clip.page }} ${{ clip.link.url }}"}}\n'
    )
    assert [d.message for d in check("film.yaml").diagnostics if d.severity == "error"] == []


@pytest.mark.parametrize(
    ("endpoint", "resolution", "low", "high"),
    [
        (PIKA, "720p", 0.2, 0.2),
        (PIKA, "4k", None, None),
        ("fal-ai/kling-video/v3/pro/text-to-video", "4k", None, None),
    ],
)
def test_an_added_value_is_not_priced_like_another(
    provider: Emulator,
    capsys: pytest.CaptureFixture[str],
    endpoint: str,
    resolution: str,
    low: float | None,
    high: float | None,
) -> None:
    """Nobody has a price for it, so there is none."""
    models(capsys, "add", endpoint)
    edit(endpoint, resolution={"type": "string", "enum": ["720p", "1080p", "4k"], "default": "720p"})
    spec = registry_of(Workspace.here(), Report()).find(endpoint)
    assert spec is not None
    price = quote(spec, {"prompt": "x", "resolution": resolution})
    assert (price.low, price.high) == (low, high)


def test_an_added_value_is_a_range_where_a_sibling_has_its_price(
    provider: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = "fal-ai/veo3.1/lite"
    known = registry_of(Workspace.here(), Report()).find(endpoint)
    assert known is not None
    models(capsys, "add", endpoint)
    edit(endpoint, resolution={"type": "string", "enum": ["720p", "1080p", "4k"], "default": "720p"})
    spec = registry_of(Workspace.here(), Report()).find(endpoint)
    assert spec is not None
    usual = quote(spec, {"prompt": "x", "resolution": "720p"})
    dear = quote(spec, {"prompt": "x", "resolution": "4k"})
    assert usual == quote(known, {"prompt": "x", "resolution": "720p"})
    assert usual.high is not None and dear.high is not None and dear.high > usual.high
    assert "nobody has checked" in dear.why[0]


@pytest.mark.parametrize(("default", "usd"), [("720p", 0.20), ("1080p", 0.45)])
def test_the_default_of_the_live_document_is_the_one_that_is_priced(
    provider: Emulator, capsys: pytest.CaptureFixture[str], default: str, usd: float
) -> None:
    endpoint = "fal-ai/pika/v2.2/pikascenes"
    models(capsys, "add", endpoint)
    edit(endpoint, resolution={"type": "string", "enum": ["720p", "1080p"], "default": default})
    spec = registry_of(Workspace.here(), Report()).find(endpoint)
    assert spec is not None
    price = quote(spec, {"prompt": "x"})
    assert price.low == price.high == pytest.approx(usd)
