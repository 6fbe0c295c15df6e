"""`callsheet diff` as a person types it: two files, two revisions, two runs."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import callsheet as api
from callsheet.cli import main as cli
from callsheet.cli.views.diff_markdown import code
from callsheet.emulator import Emulator

EXAMPLES = Path(__file__).parents[3] / "examples"
GOLDEN = Path(__file__).parents[1] / "golden"
HOSTILE = (
    "a | </code></details><script>x</script> `` ``` ~~~ @everyone #1 [x](http://e.vil) www.e.vil \\| $x$ :+1:"
)


def diff(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["diff", *arguments])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def what(text: str) -> dict[str, tuple[str, str]]:
    """address → (what, reason) of a diff as JSON."""
    return {c["address"]: (c["what"], c["reason"]) for c in json.loads(text)["instances"]}


def change(path: str, *pairs: tuple[str, str]) -> None:
    text = Path(path).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    Path(path).write_text(text, encoding="utf-8")


def git(*words: str) -> str:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *who, *words], check=True, capture_output=True, text=True, env=environ)
    return done.stdout.strip()


@pytest.fixture
def film(in_folder: Path) -> Iterator[Path]:
    """The lighthouse as `film.yaml`, committed, in the current folder."""
    for name in ("film.yaml", "shots.csv"):
        Path(name).write_bytes((EXAMPLES / "lighthouse" / name).read_bytes())
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    yield in_folder


def edited() -> None:
    """A word of one prompt, a shot more, the last two the other way round, and another model for nothing."""
    change("shots.csv", ("black waves", "white waves"))
    lines = Path("shots.csv").read_text(encoding="utf-8").splitlines()
    lines.insert(3, f'fog,"{HOSTILE}",pan')
    Path("shots.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(("form", "name"), [("text", "txt"), ("markdown", "md"), ("json", "json")])
def test_reads_as_it_always_did(
    film: Path, capsys: pytest.CaptureFixture[str], form: str, name: str, request: pytest.FixtureRequest
) -> None:
    edited()
    asked = ("--json",) if form == "json" else ("--format", form)
    code, out, err = diff(capsys, "HEAD", "film.yaml", *asked, "--exit-code")
    assert (code, err) == (2, "")
    golden = GOLDEN / f"diff.{name}"
    if os.environ.get("CALLSHEET_GOLDEN"):
        golden.write_text(out, encoding="utf-8")
    assert out == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [80, 60])
def test_in_a_terminal_its_lines_fit(
    film: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    change("film.yaml", ("landscape_16_9", "square_hd"))
    whole = diff(capsys, "film.yaml")[1]
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    fitted = diff(capsys, "film.yaml")[1]
    assert max(map(len, whole.splitlines())) > 80 >= columns >= max(map(len, fitted.splitlines()))
    lines = fitted.splitlines()
    row = next(at for at, line in enumerate(lines) if line.startswith("  ~ keyframe"))
    assert lines[row + 1] == '      image_size: "landscape_16_9" → "square_hd"'


def test_two_files(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("new.yaml").write_bytes(Path("film.yaml").read_bytes())
    assert diff(capsys, "film.yaml", "new.yaml", "--exit-code") == (
        0,
        "lighthouse: film.yaml → new.yaml\n\nno differences\n",
        "",
    )
    change("new.yaml", ("seed: 7", "seed: 8"))
    _, out, _ = diff(capsys, "film.yaml", "new.yaml", "--json")
    found = what(out)
    assert found['keyframe["dusk"]'] == ("changed", "seed: 7 → 8")
    assert found['clip["dusk"]'] == ("affected", 'input keyframe["dusk"] changes')
    usd = json.loads(out)["usd"]
    assert usd["high"] == pytest.approx(usd["low"] + 4.80) and usd["unpriced"] == 0


def test_names_order_layout_and_comments_make_nothing_again(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change("film.yaml", ("  keyframe:\n", "  # the stills\n  still:\n"))
    change("film.yaml", ("${{ keyframe.images", "${{  still.images"), ("next(keyframe)", "next(still)"))
    change("shots.csv", ("\nlamp,", "\nlens,"))
    _, out, _ = diff(capsys, "film.yaml", "--json")
    data = json.loads(out)
    assert {kind for kind, _ in what(out).values()} == {"renamed"}
    assert data["nodes"]["renamed"] == {"keyframe": "still"}
    assert what(out)['still["dusk"]'][1] == "was keyframe"
    assert what(out)['clip["lens"]'][1] == 'was clip["lamp"]'
    assert data["usd"] == {"low": 0.0, "high": 0.0, "unpriced": 0}


def test_a_renamed_node_below_a_change_is_still_one_node(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change("film.yaml", ("  clip:\n", "  move:\n"), ("clip.video", "move.video"), ("seed: 7", "seed: 8"))
    _, out, _ = diff(capsys, "film.yaml", "--json")
    assert what(out)['move["dusk"]'] == ("affected", 'input keyframe["dusk"] changes')
    assert what(out)["film"][0] == "affected" and "added" not in {kind for kind, _ in what(out).values()}


def test_shots_without_keys_are_known_by_what_they_are(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
callsheet: 1
axes:
  shot: {over: [SHOTS]}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot }}"}
outputs: {cards: "${{ card.images }}"}
"""
    Path("old.yaml").write_text(text.replace("SHOTS", "one, two"), encoding="utf-8")
    Path("new.yaml").write_text(text.replace("SHOTS", "zero, one, two"), encoding="utf-8")
    _, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert what(out) == {
        'card["0"]': ("added", "new"),
        'card["1"]': ("renamed", 'was card["0"]'),
        'card["2"]': ("renamed", 'was card["1"]'),
    }
    _, out, _ = diff(capsys, "old.yaml", "new.yaml")
    assert "\n+1 shot, 2 renamed · +$" in out


def test_another_order_is_told_and_made_once(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """
callsheet: 1
inputs: {shots: {type: list, default: ORDER}}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot }}"}
nodes:
  clip:
    each: shot
    uses: fal-ai/kling-video/v2.5-turbo/pro/text-to-video
    with: {prompt: "${{ shot }}"}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs: {film: "${{ film.video }}"}
"""
    Path("old.yaml").write_text(text.replace("ORDER", "[a, b, c]"), encoding="utf-8")
    Path("new.yaml").write_text(text.replace("ORDER", "[c, a, b]"), encoding="utf-8")
    _, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert what(out) == {"film": ("affected", "videos: in another order")}
    _, out, _ = diff(capsys, "old.yaml", "new.yaml")
    assert "axis shot: now in the order c, a, b" in out and out.endswith("\n1 remade, reordered\n")


def test_settings_make_nothing(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change("film.yaml", ("name: lighthouse", "name: lighthouse\nbudget: 20"))
    change("film.yaml", ("  clip:\n", "  clip:\n    retry: 3\n"), ("  film: ${{", "  movie: ${{"))
    code, out, _ = diff(capsys, "film.yaml", "--json", "--exit-code")
    data = json.loads(out)
    assert code == 2 and not data["instances"]
    assert data["settings"] == [
        "budget: nothing → 20",
        "output film: gone",
        "output movie: new",
        "clip: attempts: nothing → 3",
    ]


def test_a_file_of_ones_own_counts_by_its_bytes(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64), "red").save("one.png")
    Path("film.yaml").write_text(
        "callsheet: 1\nnodes:\n  clip:\n    uses: fal-ai/pika/v2.2/image-to-video\n"
        "    with: {image_url: ./one.png, prompt: it moves}\noutputs: {film: '${{ clip.video }}'}\n",
        encoding="utf-8",
    )
    git("add", ".")
    git("commit", "--quiet", "--message", "two")
    git("mv", "one.png", "other.png")
    change("film.yaml", ("one.png", "other.png"))
    assert diff(capsys, "film.yaml")[1].endswith("no differences\n")
    Image.new("RGB", (64, 64), "blue").save("other.png")
    _, out, _ = diff(capsys, "HEAD", "film.yaml", "--json")
    assert what(out)["clip"] == ("changed", "image_url: one.png → other.png")


def test_words_of_a_prompt_with_text_of_a_model_in_it(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
callsheet: 1
nodes:
  brief:
    uses: openrouter/router
    with: {prompt: "a film about BRIEF", model: m}
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ brief.output }}, at WHEN, LOOK"}
outputs: {card: "${{ card.images[0] }}"}
"""
    first = text.replace("LOOK", "on 35mm film").replace("BRIEF", "cats")
    Path("old.yaml").write_text(first.replace("WHEN", "dusk"), encoding="utf-8")
    Path("new.yaml").write_text(first.replace("WHEN", "dawn"), encoding="utf-8")
    code, out, _ = diff(capsys, "old.yaml", "new.yaml", "-v")
    assert code == 0 and "prompt: ⟨brief.output⟩, at [-dusk-]{+dawn+}, on 35mm film" in out
    Path("new.yaml").write_text(first.replace("WHEN", "dusk").replace("cats", "dogs"), encoding="utf-8")
    _, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert what(out)["card"] == ("affected", "input brief changes")


def test_revisions(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("switch", "--quiet", "--create", "work")
    change("film.yaml", ("seed: 7", "seed: 8"))
    git("commit", "--quiet", "--all", "--message", "work")
    git("switch", "--quiet", "main")
    change("shots.csv", ("black waves", "white waves"))
    git("commit", "--quiet", "--all", "--message", "main goes on")
    _, both, _ = diff(capsys, "main..work", "film.yaml", "--json")
    _, parted, _ = diff(capsys, "main...work", "film.yaml", "--json")
    assert what(both)['keyframe["storm"]'][1].endswith("and 1 more")
    assert what(parted)['keyframe["storm"]'] == ("changed", "seed: 7 → 8")
    assert json.loads(parted)["old"] == "main" and json.loads(parted)["new"] == "work"
    assert diff(capsys, "film.yaml", "--exit-code")[0] == 0


def test_a_revision_is_read_as_it_was_from_any_folder(
    film: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("deep").mkdir()
    git("mv", "film.yaml", "shots.csv", "deep/")
    git("commit", "--quiet", "--message", "deeper")
    Path("deep/shots.csv").unlink()
    code, _, err = diff(capsys, "deep/film.yaml")
    assert code == 1 and "in working tree:" in err and "deep/film.yaml" in err
    _, out, _ = diff(capsys, "HEAD..HEAD", "deep/film.yaml")
    assert out.endswith("no differences\n")
    monkeypatch.chdir("deep")
    _, out, _ = diff(capsys, "HEAD..HEAD", "film.yaml")
    assert out.endswith("no differences\n")
    _, out, _ = diff(capsys, "HEAD~1..HEAD", "film.yaml")
    assert "moved from film.yaml" in out and out.endswith("no differences\n")


def test_a_file_that_comes_or_goes(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("film.yaml").rename("other.yaml")
    _, out, _ = diff(capsys, "film.yaml")
    assert out.endswith("\n-5 shots, -3 nodes · -32 s\n")
    change("other.yaml", ("name: lighthouse", "name: another"))
    _, out, _ = diff(capsys, "other.yaml")
    assert out.endswith("\n+5 shots, +3 nodes · +$5.09 · +32 s\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "film.yaml"), "git has no revision nowhere"),
        (("--", "--output=x", "film.yaml"), "git has no revision --output=x"),
        (("HEAD", "nil.yaml"), "there is no file nil.yaml on either side"),
        (("film.yaml", "nil.yaml"), "there is no file nil.yaml"),
        (("nil.yaml", "film.yaml"), "there is no file nil.yaml"),
        (("HEAD", "nowhere/film.yaml"), "there is no file nowhere/film.yaml on either side"),
    ],
)
def test_what_cannot_be_compared(
    film: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = diff(capsys, *arguments)
    assert (code, out) == (1, "") and said in err and "Traceback" not in err


def test_outside_of_git(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("film.yaml").write_text("callsheet: 1\n", encoding="utf-8")
    code, _, err = diff(capsys, "film.yaml")
    assert code == 1 and "not in a git repository" in err


def test_the_side_that_is_wrong_is_named(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change("film.yaml", ("seed: 7", "seed: seven"))
    git("commit", "--quiet", "--all", "--message", "broken")
    change("film.yaml", ("seed: seven", "seed: 7"))
    code, out, err = diff(capsys, "film.yaml")
    assert (code, out) == (1, "") and err.startswith("in HEAD:\n\nfilm.yaml:")


def test_nothing_of_a_file_is_markdown(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited()
    change("shots.csv", ("\ndawn,", f'\n"{HOSTILE}",'))
    code, out, err = diff(capsys, "film.yaml", "-f", "markdown")
    assert (code, err) == (0, "")
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", out, flags=re.DOTALL | re.MULTILINE)
    cells = re.findall(r"<code>(.*?)</code>", outside)
    assert cells and not any(
        re.search(r"[<>`*_~|@#:$\[\]\\](?!\d+;)", re.sub(r"&#\d+;", "", c)) for c in cells
    )
    rest = re.sub(r"<code>.*?</code>", "", outside)
    assert "script" not in rest and "vil" not in rest and "@" not in rest
    assert rest.count("<details>") == rest.count("</details>")
    rows = [line for line in rest.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6}


@pytest.mark.parametrize("text", [HOSTILE, "`", "\\", "|", "a\\|b", "\n# x", "<b>", "&lt;", "", "\x1b[31m"])
def test_code_holds_what_it_is_given(text: str) -> None:
    import html

    from callsheet.cli.views.wording import printable

    shown = code(text).removeprefix("<code>").removesuffix("</code>")
    assert html.unescape(shown) == printable(text)
    assert not re.search(r"[<>`*_~|@:$\[\]\\]", shown)


def test_git_runs_nothing_of_a_repository(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hooks, filters, fsmonitor and links of the repository that is read do nothing."""
    change("film.yaml", ("seed: 7", "seed: 8"))
    Path("secret").symlink_to("/etc/passwd")
    Path(".gitattributes").write_text("*.csv filter=evil\n", encoding="utf-8")
    trap = film / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {film}/sprung\ncat\n", encoding="utf-8")
    trap.chmod(0o755)
    git("add", "--", "film.yaml", "secret", ".gitattributes")
    git("commit", "--quiet", "--message", "two")
    for name in ("filter.evil.smudge", "filter.evil.clean", "core.fsmonitor", "core.pager", "diff.external"):
        git("config", name, str(trap))
    (film / "sprung").unlink(missing_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (film / ".git/hooks" / hook).symlink_to(trap)
    code, out, _ = diff(capsys, "HEAD~1..HEAD", "film.yaml")
    assert code == 0 and "seed: 7 → 8" in out
    assert not (film / "sprung").exists()


def test_two_runs(film: Path, seller: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert api.run("film.yaml", confirm=True).status == "done"
    change("shots.csv", ("black waves", "white waves"))
    assert api.run("film.yaml", confirm=True).status == "done"
    code, out, _ = diff(capsys, "lighthouse-1", "lighthouse-2", "--json", "--exit-code")
    data = json.loads(out)
    calls = {c["address"]: c for c in data["calls"]}
    assert code == 2 and set(calls) == {'keyframe["storm"]', 'clip["lamp"]', 'clip["storm"]'}
    assert "black waves" in calls['keyframe["storm"]']["reason"]
    assert calls['clip["lamp"]']["reason"].startswith("last_frame_url")
    assert data["same"] == 6 and data["old"]["usd"] == pytest.approx(5.09, abs=0.01)
    assert data["new"]["usd"] == pytest.approx(2.46, abs=0.01)
    _, out, _ = diff(capsys, "lighthouse-1", "lighthouse-2")
    assert out.endswith("\n3 called or gone, 6 alike · $5.09 → $2.46\n")
    assert diff(capsys, "lighthouse-1", "lighthouse-1", "--exit-code")[0] == 0
    code, _, err = diff(capsys, "lighthouse-1", "lighthouse-3")
    assert code == 1 and "there is no run lighthouse-3" in err
    assert diff(capsys, "lighthouse-1", "lighthouse-2", "-f", "markdown")[1].startswith("**3 called or gone")


RECIPE = """
callsheet: 1
inputs: {look: string}
axes: {shot: {over: [a, b], key: "${{ shot }}"}}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot }}, ${{ inputs.look }}"}
outputs: {stills: "${{ still.images }}"}
"""
WITH_RECIPE = """
callsheet: 1
axes: {act: {over: [one, two], key: "${{ act }}"}}
nodes:
  board:
    each: act
    uses: ./recipes/board.yaml
    with: {look: "noir ${{ act }}"}
  clip:
    each: act
    uses: fal-ai/pika/v2.2/image-to-video
    with: {image_url: "${{ board.stills[0][0] }}", prompt: move, seed: 7}
    takes: 2
outputs: {clips: "${{ clip.video }}"}
"""


def test_recipes_and_takes(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recipe is read as it was at the revision; a take more is a call more."""
    Path("recipes").mkdir()
    Path("recipes/board.yaml").write_text(RECIPE, encoding="utf-8")
    Path("film.yaml").write_text(WITH_RECIPE, encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "with a recipe")
    change("recipes/board.yaml", ("look }}", "look }}, 35mm"))
    change("film.yaml", ("takes: 2", "takes: 3"))
    _, out, _ = diff(capsys, "film.yaml", "--json")
    found, data = what(out), json.loads(out)
    assert found['board["one"]/still["a"]'] == ("changed", 'prompt: "a, noir one" → "a, noir one, 35mm"')
    assert found['clip["two"]#2'] == ("affected", 'input board["two"]/still["a"] changes')
    assert found['clip["two"]#3'] == ("added", "new") and data["settings"] == ["clip: takes: 2 → 3"]
    assert data["usd"]["high"] == pytest.approx(4 * 0.104858 + 6 * 0.20, abs=0.001)


def test_code_beside_a_pipeline_runs_only_when_trusted(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mark.py").write_text("def mark(text: str) -> str:\n    return text\n", encoding="utf-8")
    node = "{uses: ./mark.py#mark, with: {text: x}}"
    Path("film.yaml").write_text(
        f"callsheet: 1\nnodes:\n  m: {node}\noutputs: {{m: '${{{{ m.text }}}}'}}\n", encoding="utf-8"
    )
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    change("mark.py", ("return text", "return text + text"))
    code, _, err = diff(capsys, "film.yaml")
    assert code == 1 and "in HEAD:" in err and "--trust" in err
    code, out, err = diff(capsys, "film.yaml", "--trust", "--json")
    assert (code, err) == (0, "")
    assert what(out)["m"] == ("changed", "./mark.py#mark is another version")


def test_recipes_from_git_are_those_of_the_lock_and_need_no_network(
    film: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    there = tmp_path_factory.mktemp("shared") / "recipes"
    there.mkdir()
    (there / "board.yaml").write_text(RECIPE, encoding="utf-8")
    monkeypatch.chdir(there)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    monkeypatch.chdir(film)
    uses = f"git+file://{there}@main#board.yaml"
    Path("film.yaml").write_text(WITH_RECIPE.replace("./recipes/board.yaml", uses), encoding="utf-8")
    with pytest.raises(SystemExit, match="0"):
        cli.main(["check", "film.yaml", "--fetch"])
    capsys.readouterr()
    assert Path("film.lock.yaml").exists()
    Path(".gitignore").write_text(".callsheet/\n", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "pinned")
    there.rename(there.with_name("gone"))
    change("film.yaml", ("noir", "gaudy"))
    code, out, err = diff(capsys, "film.yaml", "--json")
    assert (code, err) == (0, "")
    assert what(out)['board["one"]/still["a"]'] == ("changed", 'prompt: "a, noir one" → "a, gaudy one"')
    with pytest.raises(SystemExit) as stop:
        cli.main(
            [
                "substitute",
                "film.yaml",
                "fal-ai/pika/v2.2/image-to-video",
                "fal-ai/pika/v2/turbo/image-to-video",
            ]
        )
    assert not stop.value.code, capsys.readouterr().err


def test_another_way_out_is_told_and_makes_nothing(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
callsheet: 1
nodes:
  clip:
    uses: fal-ai/kling-video/v2.5-turbo/pro/text-to-video
    with: {prompt: a storm}
    fallback:
      - {uses: fal-ai/pika/v2.2/text-to-video, with: {prompt: a WIND}}
outputs: {film: "${{ clip.video }}"}
"""
    first, second = "fal-ai/pika/v2.2/text-to-video", "fal-ai/luma-dream-machine/ray-2"
    Path("old.yaml").write_text(text.replace("WIND", "breeze"), encoding="utf-8")
    Path("new.yaml").write_text(text.replace("WIND", "gale"), encoding="utf-8")
    code, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json", "--exit-code")
    data = json.loads(out)
    assert code == 2 and not data["instances"] and data["usd"]["high"] == 0
    assert data["settings"] == [f'clip: fallback to {first}: prompt: "a breeze" → "a gale"']
    Path("new.yaml").write_text(text.replace(first, second), encoding="utf-8")
    _, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert json.loads(out)["settings"] == [f"clip: fallback: {first} → {second}"]


LATE_AXIS = """
callsheet: 1
name: film
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 5}
nodes:
  script:
    uses: text/chat
    with:
      model: openai/gpt-oss-120b
      prompt: a storm
      schema: {shots: {type: list, items: {id: string, prompt: string}}}
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}, LOOK"}
outputs: {cards: "${{ card.images }}"}
"""


def test_what_is_not_known_before_the_run_is_compared_by_a_sample(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("old.yaml").write_text(LATE_AXIS.replace("LOOK", "noir"), encoding="utf-8")
    Path("new.yaml").write_text(LATE_AXIS.replace("LOOK", "gaudy"), encoding="utf-8")
    code, out, err = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert what(out)['card["…"]'][0] == "changed"
    assert data["usd"]["low"] == 0 and data["usd"]["high"] == pytest.approx(5 * 0.104858, abs=0.001)
    Path("new.yaml").write_text(
        LATE_AXIS.replace("LOOK", "noir").replace("a storm", "a calm"), encoding="utf-8"
    )
    _, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert what(out)["script"] == ("changed", 'prompt: "a storm" → "a calm"')
    assert what(out)['card["…"]'] == ("affected", "input script changes")
    same = LATE_AXIS.replace("LOOK", "noir")
    Path("new.yaml").write_text(same.replace("max: 5", "max: 9"), encoding="utf-8")
    _, out, _ = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert json.loads(out)["settings"] == ["card: at most 5 → 9"]
    more = "  again: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: x}}\noutputs:"
    Path("new.yaml").write_text(same.replace("outputs:", more), encoding="utf-8")
    _, out, err = diff(capsys, "old.yaml", "new.yaml", "--json")
    assert err == "" and what(out) == {'again["…"]': ("added", "new, at most 5")}
    assert diff(capsys, "old.yaml", "old.yaml", "--exit-code")[0] == 0
