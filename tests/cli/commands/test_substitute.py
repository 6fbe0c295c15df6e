"""`callsheet substitute` as a person types it: what is rewritten, what stays byte for byte, what is told."""

import os
from pathlib import Path

import pytest

from callsheet import check
from callsheet.cli import main as cli

EXAMPLES = Path(__file__).parents[3] / "examples"
GOLDEN = Path(__file__).parents[1] / "golden"
VEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"
KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
KLING_TEXT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
PIKA = "fal-ai/pika/v2.2/image-to-video"
HUNYUAN = "fal-ai/hunyuan-image/v3/text-to-image"
REFERENCE = "fal-ai/veo3.1/reference-to-video"


def substitute(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["substitute", *words])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def film(text: str) -> Path:
    path = Path("film.yaml")
    path.write_bytes(text.encode("utf-8"))
    return path


def node(uses: str, params: str) -> str:
    head = f"callsheet: 1\nnodes:\n  clip:\n    uses: {uses}\n    with: {params}\n"
    return head + "outputs: {film: '${{ clip.video }}'}\n"


def test_the_lighthouse_with_kling(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("film.yaml", "shots.csv"):
        Path(name).write_bytes((EXAMPLES / "lighthouse" / name).read_bytes())
    before = Path("film.yaml").read_text(encoding="utf-8")
    code, out, err = substitute(capsys, "film.yaml", VEO, KLING, "--diff")
    assert (code, err) == (0, "") and Path("film.yaml").read_text(encoding="utf-8") == before
    golden = GOLDEN / "substitute.txt"
    if os.environ.get("CALLSHEET_GOLDEN"):
        golden.write_text(out, encoding="utf-8")
    assert out == golden.read_text(encoding="utf-8")
    code, out, _ = substitute(capsys, "film.yaml", VEO, KLING)
    assert code == 0 and out.endswith("wrote film.yaml\n") and check("film.yaml").ok
    after = Path("film.yaml").read_text(encoding="utf-8")
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert len(changed) == 4


def test_comments_quotes_and_layout_stay(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "\ufeffcallsheet: 1  # one\r\n"
        "nodes:\r\n"
        "  clip:   # the move\r\n"
        f"    uses:   '{PIKA}'   # a model\r\n"
        "    # before\r\n"
        "    with:\r\n"
        "      image_url:   https://example.org/a.png  # a picture\r\n"
        "      prompt: >-   # folded\r\n"
        "        it moves,\r\n"
        "        slowly\r\n"
        "\r\n"
        "      resolution: 1080p   # large\r\n"
        "      duration: 5  # seconds\r\n"
        'outputs: {film: "${{ clip.video }}"}   # end'
    )
    path = film(text)
    code, out, err = substitute(capsys, "film.yaml", PIKA, KLING)
    assert (code, err) == (0, "")
    expected = (
        text.replace(f"'{PIKA}'", KLING)
        .replace("      resolution: 1080p   # large\r\n", "")
        .replace("duration: 5 ", 'duration: "5" ')
    )
    assert path.read_bytes() == expected.encode("utf-8")
    assert "not carried over: clip: `resolution: 1080p`: there is no such parameter" in out
    assert '  clip: `duration`: 5 → "5"\n' in out


@pytest.mark.parametrize(
    "params",
    [
        "{resolution: 720p, KEPT}",
        "{IMAGE, resolution: 720p, PROMPT}",
        "{KEPT, resolution: 720p, seed: 7}",
        "{seed: 7, IMAGE, resolution: 720p, PROMPT, bogus: 1}",
    ],
)
def test_what_is_lost_leaves_a_flow_mapping_whole(
    in_folder: Path, capsys: pytest.CaptureFixture[str], params: str
) -> None:
    image, prompt = "image_url: 'https://e.org/a.png'", "prompt: x"
    params = params.replace("KEPT", "IMAGE, PROMPT").replace("IMAGE", image).replace("PROMPT", prompt)
    path = film(node(PIKA, params))
    assert substitute(capsys, "film.yaml", PIKA, KLING)[0] == 0
    assert path.read_text(encoding="utf-8") == node(KLING, f"{{{image}, {prompt}}}")


def test_one_picture_and_a_list_of_them(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """callsheet: 1
nodes:
  still:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a cat}
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with:
      image_url: ${{ still.images[0] }}  # the first
      prompt: it moves
outputs: {film: "${{ clip.video }}"}
"""
    path = film(text)
    code, out, _ = substitute(capsys, "film.yaml", PIKA, REFERENCE)
    assert code == 0 and "warning: clip: `image_url` is `image_urls`: a first frame before, a" in out
    assert '      image_urls: ["${{ still.images[0] }}"]  # the first\n' in path.read_text(encoding="utf-8")
    code, _, _ = substitute(capsys, "film.yaml", REFERENCE, PIKA)
    assert code == 0
    expected = text.replace("${{ still.images[0] }}  #", '"${{ still.images[0] }}"  #')
    assert path.read_text(encoding="utf-8") == expected


def test_outputs_under_other_names_and_in_other_shapes(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """callsheet: 1
axes: {shot: {over: [a, b, c], key: "${{ shot }}"}}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot }}"}
  clip:
    each: shot
    when: ${{ not axis.shot.last }}
    uses: fal-ai/veo3.1/fast/first-last-frame-to-video
    with:
      prompt: move
      first_frame_url: ${{ still.images[0] }}
      last_frame_url: ${{ next(still).images[0] }}
outputs: {first: '${{ at(still, "a").images[0] }}', clips: "${{ clip.video }}"}
"""
    path = film(text)
    one = "hf/black-forest-labs/FLUX.1-dev@text-to-image"
    code, _, err = substitute(capsys, "film.yaml", HUNYUAN, one)
    assert (code, err) == (0, "")
    after = path.read_text(encoding="utf-8")
    assert after == text.replace(HUNYUAN, one).replace(".images[0]", ".image")
    code, _, _ = substitute(capsys, "film.yaml", one, HUNYUAN)
    assert code == 0 and path.read_text(encoding="utf-8") == text


def test_a_file_that_would_not_pass_check_stays(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = node(KLING_TEXT, "{prompt: a cat}")
    path = film(text)
    code, out, err = substitute(capsys, "film.yaml", KLING_TEXT, KLING)
    assert code == 1 and path.read_text(encoding="utf-8") == text
    assert "missing: clip: `image_url` (image) is required" in out and "wrote" not in out
    assert "so film.yaml is not changed" in err
    assert "error[missing-parameter]" in err and "film.yaml:4:11" in err
    code, out, _ = substitute(capsys, "film.yaml", KLING_TEXT, KLING, "--force")
    assert code == 1 and out.endswith("wrote film.yaml\n")
    assert path.read_text(encoding="utf-8") == text.replace(KLING_TEXT, KLING)


def test_what_is_read_and_not_made_is_told(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film(node(KLING_TEXT, "{prompt: a cat}"))
    code, out, err = substitute(capsys, "film.yaml", KLING_TEXT, HUNYUAN)
    assert code == 1 and "clip: its output `video`: there is images: list[image], seed: integer" in out
    assert "error" in err


def test_defaults_that_differ_are_noted(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film(node(PIKA, "{image_url: 'https://e.org/a.png', prompt: x}"))
    _, out, _ = substitute(capsys, "film.yaml", PIKA, KLING, "--diff")
    assert 'note: clip: `duration` is not given: 5 before, "5" now' in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("film.yaml", PIKA, "fal-ai/no-such"), "there is no model fal-ai/no-such"),
        (("film.yaml", VEO, KLING), "does not use"),
        (("nil.yaml", PIKA, KLING), "cannot read nil.yaml"),
        (("broken.yaml", PIKA, KLING), "broken.yaml:1:"),
    ],
)
def test_what_cannot_be_substituted(
    in_folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    film(node(PIKA, "{image_url: 'https://e.org/a.png', prompt: x}"))
    Path("broken.yaml").write_text("nodes: [", encoding="utf-8")
    code, _, err = substitute(capsys, *words)
    assert code == 1 and said in err and "Traceback" not in err


def test_ways_out_are_substituted_too(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pika = "fal-ai/pika/v2.2/text-to-video"
    text = f"""callsheet: 1
nodes:
  clip:
    uses: {pika}
    with: {{prompt: a storm, duration: 10}}
    fallback:
      - uses: {KLING_TEXT}   # cheaper
        with: {{prompt: a gale, duration: "10"}}
outputs: {{film: "${{{{ clip.video }}}}"}}
"""
    path = film(text)
    code, out, err = substitute(capsys, "film.yaml", KLING_TEXT, "fal-ai/luma-dream-machine/ray-2")
    assert (code, err) == (0, "") and "missing" not in out
    after = path.read_text(encoding="utf-8")
    assert "- uses: fal-ai/luma-dream-machine/ray-2   # cheaper" in after
    assert "with: {prompt: a gale, duration: 9s}" in after


def test_an_empty_file_is_said_to_be_empty(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film("# nothing yet\n")
    code, out, err = substitute(capsys, "film.yaml", PIKA, KLING)
    assert (code, out) == (1, "") and "film.yaml is empty" in err


def test_the_model_of_an_override(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named there, and so are its parameters; those that the recipe gives stay with the recipe."""
    text = (
        "callsheet: 1\nnodes:\n  b:\n    uses: recipe/storyboard\n"
        "    with: {shots: [{id: a, prompt: b}]}\n    override:\n"
        f'      clip: {{uses: {KLING}, with: {{duration: "10", seed: null}}}}  # slow\n'
        "outputs: {film: '${{ b.film }}'}\n"
    )
    path = film(text)
    code, _, err = substitute(capsys, "film.yaml", KLING, "fal-ai/pixverse/v4.5/image-to-video")
    after = path.read_text()
    assert code == 0, err
    assert "uses: fal-ai/pixverse/v4.5/image-to-video" in after and "# slow" in after and KLING not in after
    assert '"8"' in after
