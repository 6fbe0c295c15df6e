"""What is printed as JSON is one document with a version, or events; each fits its schema."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.api.documents import ANSWERS, document_schema
from callsheet.emulator import Emulator
from tests.api.test_functions import CARD, FILM
from tests.api.test_verbs import verbs
from tests.documents import require_events

Typed = Callable[..., tuple[int, str, str]]
WITHOUT = {"run", "resume", "review", "emulator", "worker", "schema", "merge-driver", "watch", "open"}
"""Verbs that print events, serve or open something, print a schema, or answer git."""


@pytest.fixture
def film(in_folder: Path) -> Path:
    (in_folder / "callsheet.toml").touch()
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return Path("film.yaml")


def test_each_verb_that_answers_has_a_document() -> None:
    named = {name.replace(" ", "-"): command for name, command in verbs()}
    assert set(ANSWERS) <= {name for name in named if name not in WITHOUT}
    options = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in named.items()
        if name not in WITHOUT
    }
    assert [name for name, found in options.items() if "--json" not in found] == []
    assert [name for name in options if name not in ANSWERS] == []


def test_a_schema_is_printed(callsheet: Typed) -> None:
    for name in ("events", *ANSWERS):
        assert json.loads(callsheet("schema", name)[1]) == json.loads(json.dumps(document_schema(name)))
    code, _, err = callsheet("schema", "plann")
    assert code == 1 and "plan" in err


def test_schemas_say_what_fields_mean() -> None:
    schema = document_schema("plan")
    step = schema["$defs"]["Step"]["properties"]
    assert schema["$defs"]["Step"]["description"] == "An instance of a plan."
    assert step["key"]["description"] == "null while it depends on results that are not made."
    assert {"type": "null"} in step["usd"]["anyOf"] and "price" not in schema["$defs"]["Step"]["required"]


def test_verbs_about_a_film(film: Path, seller: Emulator, callsheet: Typed) -> None:
    """Each is held against its schema by the fixture `callsheet`."""

    def ask(*words: str, code: int = 0) -> dict[str, object]:
        found, out, err = callsheet(*words, "--json")
        assert found == code, err
        document: dict[str, object] = json.loads(out)
        return document

    assert ask("check", "film.yaml")["ok"] is True
    assert len(ask("check", "film.yaml", "film.yaml")["pipelines"]) == 2  # type: ignore[arg-type]
    assert ask("plan", "film.yaml")["pipeline"] == "film"
    assert len(ask("plan", "film.yaml", "film.yaml")["plans"]) == 2  # type: ignore[arg-type]
    assert ask("graph", "film.yaml")["name"] == "film"
    assert callsheet("run", "film.yaml", "--yes", "--output", "quiet")[0] == 4
    assert ask("takes", "film.yaml", CARD)["sheet"]
    assert ask("retake", "film.yaml", CARD)["takes"] == 2
    assert ask("pick", "film.yaml", CARD, "1")["number"] == 1
    assert len(ask("approve", "film.yaml", "--all")["approvals"]) == 2  # type: ignore[arg-type]
    assert ask("reject", "film.yaml", CARD, "--why", "too dark")["rejections"]
    assert ask("explain", "film.yaml", CARD)["address"] == CARD
    assert ask("notes", "film.yaml", "--add", "hm", "--on", CARD)["open"] == 1
    assert ask("runs")["runs"] and ask("show")["attempts"] and ask("costs")["total"]
    assert ask("cancel")["requests"] == [] and ask("reconcile")["unknown"] == []
    assert ask("lock", "film.yaml")["path"] == "film.lock.yaml"
    assert ask("lock", "film.yaml", "--check", code=1)["ok"] is False
    assert ask("lock", "film.yaml", "--prune", "all")["removed"] == []
    assert len(ask("lock", "film.yaml", "film.yaml")["locks"]) == 2  # type: ignore[arg-type]
    assert ask("cache", "ls")["results"] and ask("cache", "verify")["ok"] is True
    assert "going" in ask("cache", "gc")
    Path("other.yaml").write_text(FILM.replace("calm", "wild"), encoding="utf-8")
    assert ask("diff", "film.yaml", "other.yaml")["instances"]
    assert ask("archive", "film.yaml", "-o", "film.tar", code=1)["error"]  # the second take is not made


def test_verbs_about_files(film: Path, callsheet: Typed) -> None:
    def ask(*words: str, code: int = 0) -> dict[str, object]:
        found, out, err = callsheet(*words, "--json")
        assert found == code, err
        document: dict[str, object] = json.loads(out)
        return document

    assert ask("init", "new")["pipeline"] == "new/film.yaml"
    old, new = "fal-ai/hunyuan-image/v3/text-to-image", "fal-ai/flux/dev"
    assert ask("substitute", "film.yaml", old, new, "--diff")["ok"] is True
    assert callsheet("run", "film.yaml", "--preview", "--output", "quiet")[0] == 0
    made = next(Path("out/film/preview").rglob("*.png"))
    assert ask("origin", str(made))["provenance"]
    assert ask("models", "veo3.1")["models"] and ask("models", "show", "fal-ai/veo3.1/fast")["endpoint"]
    assert ask("models", "--for", "image-to-video", "--seconds", "8")["fits"]
    assert ask("recipes")["recipes"] and ask("recipes", "storyboard")["recipes"]
    Path("other").mkdir()
    assert ask("adopt-state", "other", code=1)["error"]
    assert ask("export", "film.yaml", code=1)["error"]
    assert ask("report", "film.yaml")["path"] == "report.html"
    assert json.loads(callsheet("doctor", "--json")[1])["findings"]
    assert ask("test", "film.yaml", code=1)["ok"] is False
    for git in ("init -q", "add film.yaml", "-c user.name=a -c user.email=a@b commit -qm first"):
        subprocess.run(["git", *git.split()], check=True)
    assert ask("log", "film.yaml")["entries"]


def test_mistakes_are_data(in_folder: Path, callsheet: Typed) -> None:
    Path("film.yaml").write_text("callsheet: 1\nnodes:\n  a: {uses: no/such}\n", encoding="utf-8")
    code, out, err = callsheet("plan", "film.yaml", "--json")
    (found,) = json.loads(out)["error"]["diagnostics"]
    assert code == 1 and "error[unknown-uses]" in err
    assert (found["line"], found["column"], found["code"]) == (3, 13, "unknown-uses") and found["help"]
    code, out, err = callsheet("runs", "--json")
    assert json.loads(out)["error"]["kind"] == "InputError" and code == 1 and "error: " in err


def test_a_run_that_cannot_begin_is_an_event(in_folder: Path, callsheet: Typed) -> None:
    Path("film.yaml").write_text("callsheet: 1\nnodes:\n  a: {uses: no/such}\n", encoding="utf-8")
    code, out, err = callsheet("run", "film.yaml", "--output", "json")
    (event,) = map(json.loads, out.splitlines())
    assert code == 1 and "error[unknown-uses]" in err
    assert (event["event"], event["version"], event["number"], event["kind"]) == (
        "run_aborted",
        2,
        1,
        "pipeline",
    )
    assert event["diagnostics"][0]["line"] == 3
    code, out, _ = callsheet("run", "film.yaml", "--set", "broken", "--output", "json")
    assert code == 1 and json.loads(out)["kind"] == "input"


def test_a_command_line_that_fails_while_it_is_read_answers_too(in_folder: Path, callsheet: Typed) -> None:
    """FILE is left out where there are two, a number cannot be meant, a project's settings are broken."""
    for name in ("one", "two"):
        Path(f"{name}.yaml").write_text(FILM, encoding="utf-8")
    for words in (["check"], ["plan"], ["explain", CARD], ["cache", "gc", "--older-than", "x"]):
        code, out, err = callsheet(*words, "--json")
        assert code == 1 and json.loads(out)["error"]["kind"] == "InputError" and "error: " in err
    for words in (["run"], ["run", "one.yaml", "--budget", "x"], ["resume", "--budget", "x"]):
        code, out, err = callsheet(*words, "--output", "json")
        (event,) = map(json.loads, out.splitlines())
        assert code == 1 and (event["event"], event["kind"]) == ("run_aborted", "input") and "error: " in err
    Path("callsheet.toml").write_text("films = [", encoding="utf-8")
    code, out, _ = callsheet("check", "--json")
    assert code == 1 and json.loads(out)["error"]["diagnostics"][0]["code"] == "settings-syntax"


def test_a_review_that_cannot_begin_says_so_as_an_event(in_folder: Path, callsheet: Typed) -> None:
    Path("film.yaml").write_text(FILM.replace("callsheet: 1\n", ""), encoding="utf-8")
    for words in (["film.yaml"], ["film.yaml", "--export", "page.html"], ["no.yaml"]):
        code, out, err = callsheet("review", *words, "--no-open", "--output", "json")
        require_events(out.splitlines())
        (event,) = map(json.loads, out.splitlines())
        assert (code, event["event"], event["kind"]) == (1, "run_aborted", "pipeline")
        assert event["diagnostics"] and "error" in err


def test_a_stream_is_taken_up_again(film: Path, seller: Emulator, callsheet: Typed) -> None:
    whole = callsheet("run", "film.yaml", "--yes", "--output", "json")[1].splitlines()
    require_events(whole)
    rest = callsheet("show", "--events-from", "3", "--follow")[1].splitlines()
    told = [line for line in whole if json.loads(line)["event"] not in ("node_progress", "node_waiting")]
    assert rest == [line for line in told if json.loads(line)["number"] >= 3] and rest
    assert callsheet("show", "--events")[1].splitlines() == told


def test_a_run_that_goes_on_gives_events(film: Path, seller: Emulator, callsheet: Typed) -> None:
    assert callsheet("run", "film.yaml", "--only", CARD, "--yes", "--output", "quiet")[0] == 4
    callsheet("approve", "film.yaml", "--all")
    code, out, _ = callsheet("resume", "--yes", "--output", "json")
    require_events(out.splitlines())
    assert code == 0 and json.loads(out.splitlines()[-1])["event"] == "run_finished"


def test_old_spellings_still_work_for_a_while(film: Path, callsheet: Typed) -> None:
    code, out, err = callsheet("graph", "film.yaml", "-f", "json")
    assert code == 0 and json.loads(out) == json.loads(callsheet("graph", "film.yaml", "--json")[1])
    assert "--json says the same" in err
