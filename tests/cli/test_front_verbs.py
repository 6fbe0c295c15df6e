"""init, check, graph and the frame of the command line, as a person types them."""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from callsheet._version import __version__
from callsheet.cli import main as cli
from callsheet.cli.main import VERBS

EXAMPLES = Path(__file__).parents[2] / "examples"
LIGHTHOUSE = str(EXAMPLES / "lighthouse/film.yaml")


def callsheet(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_init_writes_what_check_accepts(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = callsheet(capsys, "init", "film")
    assert code == 0 and "callsheet run film.yaml --preview" in out
    assert {p.name for p in (in_folder / "film").iterdir()} == {
        "film.yaml",
        "shots.csv",
        "callsheet.schema.json",
        ".gitattributes",
        ".gitignore",
    }
    assert callsheet(capsys, "check", "film/film.yaml")[0] == 0
    code, _, err = callsheet(capsys, "init", "film")
    assert code == 1 and "exists already" in err


def test_check_says_how_much_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = callsheet(capsys, "check", LIGHTHOUSE)
    assert (code, err) == (0, "") and out.endswith("ok, 3 nodes, 10 instances\n")


def test_check_as_json_is_the_same_as_text(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("film.yaml").write_text("callsheet: 1\nnodes:\n  a: {uses: media/concatenate}\n", encoding="utf-8")
    code, out, _ = callsheet(capsys, "check", "film.yaml", "--json")
    (found,) = json.loads(out)["diagnostics"]
    assert code == 1
    assert (found["code"], found["line"], found["column"], found["end_column"]) == ("unknown-uses", 3, 13, 30)
    assert "media/concat" in found["help"]
    _, _, err = callsheet(capsys, "check", "film.yaml")
    assert f"film.yaml:3:13: error[unknown-uses]: {found['message']}" in err


@pytest.mark.parametrize("verb", ["check", "plan", "lock", "run --preview", "takes", "retake"])
@pytest.mark.parametrize("folder", [".", "..", "/", ""])
def test_a_folder_instead_of_a_file_is_a_message(
    verb: str,
    folder: str,
    in_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("inner").mkdir()
    monkeypatch.chdir("inner")  # above lie the folders of other tests
    more = ["still"] if verb in ("takes", "retake") else []
    code, _, err = callsheet(capsys, *verb.split(), folder, *more)
    assert code == 1 and "error[file-unreadable]" in err and "Is a directory" in err


def test_check_takes_inputs_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert callsheet(capsys, "check", LIGHTHOUSE, "--set", "hero=a cat")[0] == 0
    code, _, err = callsheet(capsys, "check", LIGHTHOUSE, "--set", "her=a cat")
    assert code == 1 and "did you mean `hero`?" in err
    code, _, err = callsheet(capsys, "check", LIGHTHOUSE, "--set", "hero")
    assert code == 1 and "--set NAME=VALUE" in err


def test_graph_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = callsheet(capsys, "graph", LIGHTHOUSE)
    assert out == (
        "lighthouse  3 nodes, 10 instances\n"
        "  keyframe ×5  fal-ai/hunyuan-image/v3/text-to-image\n"
        "  clip ×4      fal-ai/veo3.1/fast/first-last-frame-to-video  ← keyframe\n"
        "  film         media/concat                                  ← clip\n"
        "  ⇒ film  ← film\n"
    )


def test_graph_in_other_forms(capsys: pytest.CaptureFixture[str]) -> None:
    _, mermaid, _ = callsheet(capsys, "graph", LIGHTHOUSE, "-f", "mermaid")
    assert mermaid.startswith("flowchart LR\n") and "  n0 --> n1\n" in mermaid
    _, dot, _ = callsheet(capsys, "graph", LIGHTHOUSE, "-f", "dot", "--instances")
    assert '"keyframe[\\"dusk\\"]" -> "clip[\\"dusk\\"]";' in dot
    _, text, _ = callsheet(capsys, "graph", LIGHTHOUSE, "-f", "json")
    data = json.loads(text)
    assert [n["instances"] for n in data["nodes"]] == [5, 4, 1]
    assert {"from": "clip", "to": "film"} in data["edges"]


def test_every_verb_has_help_that_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = callsheet(capsys, "--help")
    for verb, line in VERBS.items():
        assert verb in out and line.split(",")[0][:30] in out
        code, own, _ = callsheet(capsys, verb, "--help")
        assert code == 0 and own.startswith("Usage: ")


def test_a_wrong_verb_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = callsheet(capsys, "chekc", "film.yaml")
    assert code == 2 and "did you mean `check`?" in err


def test_our_own_failures_can_be_pasted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report and its redaction are those of a failure inside of a run."""
    key = "id-0123456789:canary+456/78"
    monkeypatch.setenv("FAL_KEY", key)
    shown = f"{key} {json.dumps(key)} {quote(key)} {b64encode(key.encode()).decode()}"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"OTHER_KEY=secret-canary-123 {shown} {Path.home()}/film") from KeyError(key)

    monkeypatch.setattr("callsheet.runtime.check.check", broken)
    code, out, err = callsheet(capsys, "check", LIGHTHOUSE)
    assert code == 3 and "bug in callsheet" in err and "which led to:" in err
    assert err.splitlines()[-1] == 'RuntimeError: OTHER_KEY=… *** "***" *** *** ~/film'
    assert "canary" not in out + err and str(Path.home()) not in err


def test_python_runs_the_package() -> None:
    done = subprocess.run([sys.executable, "-m", "callsheet", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"callsheet, version {__version__}\n")


def test_help_and_check_import_no_more_than_they_need() -> None:
    heavy = ["networkx", "av", "PIL", "rich", "httpx", "click.testing", "pydantic", "sqlite3", "asyncio"]
    script = (
        "import sys\nfrom callsheet.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    for arguments in (["--help"], ["check", LIGHTHOUSE], ["models", "show", "fal-ai/veo3.1"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("verb", "said"), [("recieps", "did you mean `recipes`?"), ("zzzz", "callsheet --help lists them")]
)
def test_an_unknown_command_has_a_next_step(verb: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = callsheet(capsys, verb)
    assert code == 2 and err.endswith(f"there is no command '{verb}'; {said}\n")


def test_each_node_is_proposed_once(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = callsheet(capsys, "plan", LIGHTHOUSE, "--only", "zzzz")
    names = err.partition("the nodes are ")[2].strip().split(", ")
    assert code == 1 and "film" in names and len(names) == len(set(names))


def test_a_media_file_is_proposed_as_it_is_written(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (in_folder / "media").mkdir()
    (in_folder / "media/dawn.png").touch()
    film = (
        "callsheet: 1\ninputs: {a: {type: image, default: ./media/NAME}}\n"
        'nodes: {n: {uses: media/probe, with: {media: "${{ inputs.a }}"}}}\n'
    )
    (in_folder / "film.yaml").write_text(film.replace("NAME", "dwan.png"))
    assert "did you mean `./media/dawn.png`?" in callsheet(capsys, "check", "film.yaml")[2]
    (in_folder / "film.yaml").write_text(film.replace("NAME", "zzzzzz.mov"))
    assert "paths start at the current folder" in callsheet(capsys, "check", "film.yaml")[2]
