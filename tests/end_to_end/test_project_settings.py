"""`callsheet.toml` end to end: store, budget, inputs and profiles of a project."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.cli.main import main
from callsheet.emulator import Emulator
from callsheet.errors import InputError

HUNYUAN = "fal-ai/hunyuan-image/v3/text-to-image"
FLUX = "fal-ai/flux/dev"
FILM = f"""
callsheet: 1
name: NAME
inputs: {{look: plain}}
nodes:
  still: {{uses: {HUNYUAN}, with: {{prompt: "a fox, ${{{{ inputs.look }}}}", seed: 1}}}}
outputs: {{still: "${{{{ still.images[0] }}}}"}}
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


class Answers(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def film(name: str, folder: str = "") -> Path:
    path = Path(folder, f"{name}.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FILM.replace("NAME", name))
    return path


def settings(text: str) -> None:
    Path("callsheet.toml").write_text(text)


def prompt(emulator: Emulator) -> str:
    """The prompt of the newest request."""
    return str(emulator.posts[-1].body["prompt"])


@pytest.fixture
def sold(seller: Emulator, in_folder: Path) -> Emulator:
    film("film")
    return seller


class TestInputs:
    def test_a_common_file_may_hold_more_than_a_film_asks_for(self, sold: Emulator) -> None:
        settings('inputs = "cast.yaml"')
        Path("cast.yaml").write_text("look: ink\nhero: Ann\n")
        callsheet.run("film.yaml", confirm=True)
        assert prompt(sold) == "a fox, ink"

    def test_what_a_person_gives_wins(self, sold: Emulator, capsys: Any) -> None:
        settings('inputs = "cast.yaml"')
        Path("cast.yaml").write_text("look: ink\n")
        Path("one.yaml").write_text("look: one\n")
        Path("two.yaml").write_text("look: two\n")
        inputs = ("--inputs", "one.yaml", "--inputs", "two.yaml")
        assert said(capsys, "run", "film.yaml", "--yes", *inputs)[0] == 0
        assert prompt(sold) == "a fox, two"
        assert said(capsys, "run", "film.yaml", "--yes", *inputs, "--set", "look=set")[0] == 0
        assert prompt(sold) == "a fox, set"

    def test_a_mistake_in_the_first_of_two_files_is_told(self, sold: Emulator, capsys: Any) -> None:
        Path("one.yaml").write_text("lok: one\n")
        Path("two.yaml").write_text("look: two\n")
        code, text = said(capsys, "check", "film.yaml", "--inputs", "one.yaml", "--inputs", "two.yaml")
        assert code == 1 and "one.yaml:1:6" in text and "`look`" in text

    @pytest.mark.parametrize("place", ["../secret.png", ".hidden.png"])
    def test_a_common_file_names_only_what_a_pipeline_may_name(
        self, sold: Emulator, capsys: Any, place: str
    ) -> None:
        Path(place).write_bytes(b"\x89PNG\r\n\x1a\n")
        Path("film.yaml").write_text(FILM.replace("{look: plain}", "{look: plain, face: {type: image}}"))
        settings('inputs = "cast.yaml"')
        Path("cast.yaml").write_text(f"face: {place}\n")
        code, text = said(capsys, "check", "film.yaml")
        assert code == 1 and "cast.yaml:1:7" in text

    def test_what_no_film_asks_for_is_no_mistake_but_in_a_persons_file(
        self, sold: Emulator, capsys: Any
    ) -> None:
        Path("cast.yaml").write_text("hero: Ann\n")
        settings('inputs = "cast.yaml"')
        assert said(capsys, "check", "film.yaml")[0] == 0
        assert said(capsys, "check", "film.yaml", "--inputs", "cast.yaml")[0] == 1

    def test_a_misspelt_name_in_a_profile_is_told(self, sold: Emulator, capsys: Any) -> None:
        settings('[profiles.final]\nset = { loook = "oil", hero = "Ann" }\n')
        code, text = said(capsys, "check", "film.yaml", "--profile", "final")
        assert code == 0 and "callsheet.toml:2:1: warning[input-unknown]" in text and "mean `look`" in text
        assert "hero" not in text.replace('hero = "Ann"', ""), "another film may have it"
        settings('[profiles.final]\nset = { look = "oil", looks = "ink" }\n')
        assert "warning" not in said(capsys, "check", "film.yaml", "--profile", "final")[1]


class TestProfiles:
    TEXT = f"""
[profiles.final]
set = {{ look = "oil" }}
[profiles.final.models]
"{HUNYUAN}" = "{FLUX}"
[profiles.wide]
inputs = "wide.yaml"
"""

    @pytest.fixture
    def two(self, sold: Emulator) -> Emulator:
        settings(self.TEXT)
        Path("wide.yaml").write_text("look: wide\n")
        return sold

    def test_a_profile_has_its_inputs_models_results_and_section(self, two: Emulator, capsys: Any) -> None:
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
        assert said(capsys, "run", "film.yaml", "--yes", "--profile", "final")[0] == 0
        assert prompt(two) == "a fox, oil" and FLUX in str(two.posts[-1])
        assert list(Path("out/film").glob("still*")) and list(Path("out/film/profiles/final").glob("still*"))
        lock = Path("film.lock.yaml").read_text()
        assert "in: final" in lock and lock.count("made: ") >= 2
        bought = len(two.posts)
        for more in ((), ("--profile", "final")):
            assert said(capsys, "run", "film.yaml", "--require-cached", *more)[0] == 0
            assert said(capsys, "lock", "film.yaml", "--check", *more)[0] == 0
        assert len(two.posts) == bought == 2

    def test_a_profile_may_have_a_file_of_inputs(self, two: Emulator, capsys: Any) -> None:
        assert said(capsys, "run", "film.yaml", "--yes", "--profile", "wide")[0] == 0
        assert prompt(two) == "a fox, wide"

    def test_a_saved_plan_keeps_its_profile(self, two: Emulator, capsys: Any) -> None:
        assert said(capsys, "plan", "film.yaml", "--profile", "final", "-o", "plan.json")[0] == 0
        assert said(capsys, "run", "plan.json")[0] == 0
        assert prompt(two) == "a fox, oil"
        code, text = said(capsys, "run", "plan.json", "--profile", "wide")
        assert code == 1 and "--profile" in text

    def test_python_names_a_profile(self, two: Emulator) -> None:
        done = callsheet.run("film.yaml", confirm=True, profile="final")
        assert done.status == "done" and prompt(two) == "a fox, oil"
        assert callsheet.plan("film.yaml", profile="final").nothing_to_make
        assert not callsheet.plan("film.yaml").nothing_to_make

    def test_an_unknown_profile_is_told(self, two: Emulator, capsys: Any) -> None:
        code, text = said(capsys, "plan", "film.yaml", "--profile", "finel")
        assert code == 1 and "did you mean `final`?" in text and not two.posts

    def test_a_model_that_does_not_exist_is_told_where_it_is_named(self, sold: Emulator, capsys: Any) -> None:
        settings(f'[profiles.x.models]\n"{HUNYUAN}" = "fal-ai/flux/deev"\n')
        code, text = said(capsys, "check", "film.yaml", "--profile", "x")
        assert code == 1 and "callsheet.toml:2:1" in text and FLUX in text
        assert said(capsys, "check", "film.yaml")[0] == 0

    def test_a_value_that_does_not_fit_is_told_where_it_is_written(self, sold: Emulator, capsys: Any) -> None:
        Path("film.yaml").write_text(
            FILM.replace("{look: plain}", "{look: {enum: [ink, oil], default: ink}}")
        )
        settings('[profiles.x]\nset.look = "oel"\n')
        code, text = said(capsys, "check", "film.yaml", "--profile", "x")
        assert code == 1 and "callsheet.toml:2:1" in text


class TestBudget:
    def test_it_lowers_what_a_person_gives(self, sold: Emulator, capsys: Any) -> None:
        settings("[budget]\nrun = 0.05\n")
        code, text = said(capsys, "run", "film.yaml", "--budget", "5")
        assert code == 1 and "`run` in callsheet.toml" in text and not sold.posts

    def test_it_is_no_yes(self, sold: Emulator, capsys: Any) -> None:
        settings("[budget]\nrun = 5\nmonth = 5\n")
        code, text = said(capsys, "run", "film.yaml")
        assert code == 1 and "nobody agreed" in text and not sold.posts

    def test_it_never_raises_what_a_person_gives(self, sold: Emulator, capsys: Any) -> None:
        settings("[budget]\nrun = 5\n")
        code, text = said(capsys, "run", "film.yaml", "--budget", "0.05")
        assert code == 1 and "--budget" in text and not sold.posts

    def test_a_month_counts_all_films(self, sold: Emulator, capsys: Any) -> None:
        settings("[budget]\nmonth = 0.15\n")
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
        film("other")
        Path("other.yaml").write_text(Path("other.yaml").read_text().replace("a fox", "a cat"))
        code, text = said(capsys, "run", "other.yaml", "--yes")
        assert code == 1 and "`month` of $0.15" in text and "$0.10 spent" in text and len(sold.posts) == 1


class TestStore:
    def test_a_store_inside_the_project_needs_no_word(self, sold: Emulator, capsys: Any) -> None:
        settings('store = "team"')
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
        assert list(Path("team/blobs").rglob("*.*")) or list(Path("team/blobs").rglob("*"))
        shutil.rmtree(".callsheet")
        assert said(capsys, "run", "film.yaml", "--require-cached")[0] == 0
        assert len(sold.posts) == 1

    def test_the_home_of_nobody_is_a_folder_of_the_project(self, sold: Emulator, capsys: Any) -> None:
        settings('store = "~nobody-is-called-so"')
        assert said(capsys, "check", "film.yaml")[0] == 0

    def test_it_starts_at_the_root_of_the_project(
        self, sold: Emulator, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings('store = "team"')
        film("deep", "films/deep")
        monkeypatch.chdir("films/deep")
        assert said(capsys, "run", "deep.yaml", "--yes")[0] == 0
        assert Path("../../team/blobs").is_dir() and not Path("team").exists()

    def test_one_outside_is_not_touched_before_a_person_says_so(
        self, sold: Emulator, capsys: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        outside = tmp_path_factory.mktemp("shared") / "store"
        settings(f'\nstore = "{outside.as_posix()}"')
        code, text = said(capsys, "check", "film.yaml")
        assert code == 0 and "callsheet.toml:2:1" in text and "nobody has granted it" in text
        code, text = said(capsys, "plan", "film.yaml")
        assert code == 0 and "nobody has granted it" in text
        code, text = said(capsys, "run", "film.yaml", "--yes")
        assert code == 1 and "nobody has granted it" in text and "--store" in text
        assert not sold.posts and not outside.exists()
        with pytest.raises(InputError, match="nobody has granted"):
            callsheet.run("film.yaml", confirm=True)
        code, text = said(capsys, "run", "film.yaml", "--yes", "--store", str(outside))
        assert code == 0 and "granted" not in text, "it is used, so nothing says that it is not"
        assert outside.exists() and len(sold.posts) == 1
        assert "granted" not in said(capsys, "check", "film.yaml", "--store", str(outside))[1]

    def test_messages_name_a_url_without_user_and_password(self, sold: Emulator, capsys: Any) -> None:
        settings('store = "https://me:hunter2@example.org/x"')
        assert "the store https://example.org/x lies outside" in said(capsys, "plan", "film.yaml")[1]
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 1
        with pytest.raises(InputError, match=r"the store https://example\.org/x, and nobody has"):
            callsheet.run("film.yaml", confirm=True)

    def test_a_person_at_a_terminal_is_asked_once(
        self, sold: Emulator, capsys: Any, monkeypatch: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        outside = tmp_path_factory.mktemp("shared") / "store"
        settings(f'store = "{outside.as_posix()}"')
        monkeypatch.setattr("sys.stdin", Answers("n\n"))
        code, text = said(capsys, "run", "film.yaml", "--yes")
        assert code == 130 and "outside the project" in text and not outside.exists() and not sold.posts
        monkeypatch.setattr("sys.stdin", Answers("y\n"))
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0 and outside.exists()
        monkeypatch.setattr("sys.stdin", Answers(""))
        code, text = said(capsys, "run", "film.yaml", "--yes", "--set", "look=new")
        assert code == 0 and "Grant" not in text and len(sold.posts) == 2

    def test_a_grant_is_of_this_store_alone(
        self, sold: Emulator, capsys: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        from callsheet.runtime.project_store import grant
        from callsheet.runtime.settings import settings_in

        outside = tmp_path_factory.mktemp("shared")
        settings(f'store = "{(outside / "one").as_posix()}"')
        grant(settings_in(Path()))
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0 and (outside / "one/blobs").is_dir()
        settings(f'store = "{(outside / "two").as_posix()}"')
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 1 and not (outside / "two").exists()

    def test_a_link_out_of_the_project_is_outside(
        self, sold: Emulator, capsys: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        Path("team").symlink_to(tmp_path_factory.mktemp("elsewhere"))
        settings('store = "team"')
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 1 and not sold.posts


def test_a_changed_setting_is_seen_though_the_film_was_made(sold: Emulator, capsys: Any) -> None:
    settings('inputs = "cast.yaml"')
    Path("cast.yaml").write_text("look: ink\n")
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    settings("")
    plan = json.loads(said(capsys, "plan", "film.yaml", "--json")[1])
    assert "a fox, plain" not in prompt(sold) and plan
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    assert prompt(sold) == "a fox, plain"


def test_a_mistake_in_the_settings_stops_every_verb(sold: Emulator, capsys: Any) -> None:
    settings("[budget]\nrun = true\n")
    for verb in ("check", "plan", "run", "lock"):
        code, text = said(capsys, verb, "film.yaml")
        assert code == 1 and "callsheet.toml:2:1" in text and "Traceback" not in text, verb
    assert not sold.posts


class TestDefaults:
    def test_of_an_endpoint_and_of_a_task(self, sold: Emulator, capsys: Any) -> None:
        settings(f'[defaults."{HUNYUAN}"]\ntakes = 2\n[defaults.text-to-image]\ntakes = 3\nretry = 4\n')
        (still, *others) = callsheet.load("film.yaml").instances.values()
        assert len(others) == 1 and still.options.attempts == 4
        Path("film.yaml").write_text(FILM.replace("seed: 1}", "seed: 1}, takes: 1"))
        assert len(callsheet.load("film.yaml").instances) == 1, "what the node says itself wins"

    def test_one_waits_for_a_person(self, sold: Emulator, capsys: Any) -> None:
        settings("[defaults.text-to-image]\napprove = true\n")
        (still,) = callsheet.load("film.yaml").instances.values()
        assert still.options.approve

    def test_they_change_no_key(self, sold: Emulator, capsys: Any) -> None:
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
        settings(f'[defaults."{HUNYUAN}"]\nretry = 2\n')
        assert said(capsys, "run", "film.yaml", "--require-cached")[0] == 0

    def test_an_endpoint_that_does_not_exist_is_told(self, sold: Emulator, capsys: Any) -> None:
        settings('[defaults."fal-ai/flux/deev"]\ntakes = 2\n')
        code, text = said(capsys, "check", "film.yaml")
        assert code == 1 and "callsheet.toml:1:" in text and FLUX in text

    def test_a_task_that_no_model_has_is_told(self, sold: Emulator, capsys: Any) -> None:
        settings("[defaults.text-to-imag]\napprove = true\n[defaults.text-to-video]\ntakes = 2\n")
        code, text = said(capsys, "check", "film.yaml")
        assert code == 0 and "callsheet.toml:1:2: warning[settings-value]" in text
        assert "`text-to-image`" in text and text.count("warning[") == 1


class TestSeveralFiles:
    @pytest.fixture
    def three(self, sold: Emulator) -> Emulator:
        for name in ("a", "b", "c"):
            film(name, f"films/{name}")
        Path("films/c/c.yaml").write_text("callsheet: 1\nnodes: 3\n")
        return sold

    def test_check_tells_of_each_and_of_all(self, three: Emulator, capsys: Any) -> None:
        code, text = said(capsys, "check", "films/a/a.yaml", "films/c/c.yaml", "films/b")
        assert code == 1 and "films/a/a.yaml: ok" in text and "films/b/b.yaml: ok" in text
        assert "3 pipelines: 2 ok, 1 with errors" in text and "films/c/c.yaml:2:" in text
        data = json.loads(said(capsys, "check", "films/a", "films/b", "--json")[1])
        assert data["ok"] and [one["path"] for one in data["pipelines"]] == [
            "films/a/a.yaml",
            "films/b/b.yaml",
        ]

    def test_plan_has_one_total(self, three: Emulator, capsys: Any) -> None:
        code, text = said(capsys, "plan", "films/a", "films/b")
        total = "2 films: 1 to make: $0.10 (1 more is made for another of them)"
        assert code == 0 and text.rstrip().endswith(total)
        code, text = said(capsys, "plan", "films/a", "films/c")
        assert code == 1 and "films/c/c.yaml:2:" in text and "1 film: 1 to make: $0.10" in text
        data = json.loads(said(capsys, "plan", "films/a", "films/b", "--json")[1])
        assert data["usd"]["high"] == data["plans"][0]["usd"]["high"] and len(data["plans"]) == 2
        Path("films/b/b.yaml").write_text(Path("films/b/b.yaml").read_text().replace("a fox", "a cat"))
        data = json.loads(said(capsys, "plan", "films/a", "films/b", "--json")[1])
        assert data["usd"]["high"] == 2 * data["plans"][0]["usd"]["high"]
        assert said(capsys, "plan", "films/a", "films/b", "-o", "plan.json")[0] == 1

    def test_lock_check_has_one_total(self, three: Emulator, capsys: Any) -> None:
        assert said(capsys, "run", "films/a", "--yes")[0] == 0
        code, text = said(capsys, "lock", "--check", "films/a", "films/b")
        assert code == 1 and "2 films: 1 as in the lock file, 1 not" in text
        assert said(capsys, "lock", "--check", "films/a")[0] == 0

    def test_without_a_file_all_films_of_the_project(self, three: Emulator, capsys: Any) -> None:
        settings('films = "films"\n')
        shutil.rmtree("films/c")
        code, text = said(capsys, "check")
        assert code == 0 and "2 pipelines: 2 ok" in text and "film.yaml: ok" not in text

    @pytest.mark.parametrize("verb", [["check"], ["plan"], ["lock", "--check"]])
    def test_a_folder_of_films_that_is_not_there_is_told(
        self, three: Emulator, capsys: Any, verb: list[str]
    ) -> None:
        settings('films = ["films", "flims"]\n')
        code, text = said(capsys, *verb)
        assert code == 1 and "flims" in text and "film.yaml: ok" not in text
        assert said(capsys, "check", "film.yaml")[0] == 0


class TestState:
    def test_it_lies_where_the_environment_says(
        self, sold: Emulator, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
    ) -> None:
        settings("")
        state = tmp_path_factory.mktemp("state")
        monkeypatch.setenv("CALLSHEET_STATE", str(state / "film"))
        assert said(capsys, "check", "film.yaml")[0] == said(capsys, "plan", "film.yaml")[0] == 0
        assert not list(state.iterdir()) and not Path(".callsheet").exists()
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
        assert (state / "film/ledger.db").exists() and not Path(".callsheet").exists()
        assert said(capsys, "run", "film.yaml", "--require-cached")[0] == 0 and len(sold.posts) == 1

    def test_what_the_project_has_paid_for_is_not_bought_again(
        self, sold: Emulator, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
    ) -> None:
        settings("")
        assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
        Path("film.lock.yaml").unlink()
        shutil.rmtree("out")
        monkeypatch.setenv("CALLSHEET_STATE", str(tmp_path_factory.mktemp("state")))
        code, text = said(capsys, "run", "film.yaml", "--yes")
        assert code == 1 and "paid for already" in text and len(sold.posts) == 1

    def test_a_relative_path_is_refused(
        self, sold: Emulator, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CALLSHEET_STATE", "state")
        code, text = said(capsys, "plan", "film.yaml")
        assert code == 1 and "absolute path" in text
