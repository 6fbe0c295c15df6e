"""What `callsheet diff` says of a branch, with real git: what moved, what is paid, what is in the way."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.views.diff_markdown import LIMIT, code
from callsheet.emulator import Emulator
from tests.conftest import Typed

FILM = """
callsheet: 1
name: {name}
inputs:
  shots: {{type: list, items: {{id: string, prompt: string}}, default: {shots}}}
axes:
  shot: {{over: "${{{{ inputs.shots }}}}", key: "${{{{ shot.id }}}}"}}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {{prompt: "${{{{ shot.prompt }}}}", seed: 7}}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {{prompt: it moves, image_url: "${{{{ keyframe.images[0] }}}}", seed: 7}}
  film:
    uses: media/concat
    with: {{videos: "${{{{ clip.video }}}}"}}
outputs:
  film: ${{{{ film.video }}}}
"""
SHOTS = "id,prompt\ndawn,a lighthouse at dawn\ndusk,a lighthouse at dusk\nnight,a lighthouse at night\n"
HOSTILE = "a|b<script>x`` @all [y](z) #1.yaml"


def git(*words: str, folder: str = ".") -> str:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    local = ("-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *who, *local, *words], cwd=folder, capture_output=True, text=True, env=environ
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(message: str = "a step", folder: str = ".") -> None:
    git("add", "--all", folder=folder)
    git("commit", "--quiet", "--allow-empty", "--message", message, folder=folder)


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def change(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def branch(in_folder: Path) -> Iterator[None]:
    """A film `films/film.yaml` on main, and the branch that changes it."""
    write("films/film.yaml", FILM.format(name="harbour", shots="./shots.csv"))
    write("films/shots.csv", SHOTS)
    write(".gitignore", "out/\n.callsheet/\n")
    git("init", "--quiet")
    commit("one")
    git("checkout", "--quiet", "-b", "work")
    yield


@pytest.fixture
def bought(branch: None, seller: Emulator, callsheet: Typed) -> Emulator:
    """The same, made on main with its lock committed; the results are gone from this machine."""
    git("checkout", "--quiet", "main")
    buy(callsheet)
    git("branch", "--quiet", "--force", "work")
    git("checkout", "--quiet", "work")
    return seller


def buy(callsheet: Typed) -> None:
    """Make the film and commit its lock. The results are put away, as on another machine."""
    away = Path(".git/results")
    if away.exists():
        away.rename(".callsheet")
    done, out, err = callsheet("run", "films/film.yaml", "--yes")
    assert done == 0, (out, err)
    shutil.rmtree("out")
    Path(".callsheet").rename(away)
    commit("bought")


def asked(callsheet: Typed, *names: str, revisions: str = "main...work") -> tuple[int, dict[str, Any]]:
    """The exit code, and all that is said, with the lock files looked at."""
    done, out, err = callsheet("diff", revisions, *(names or ("films/*.yaml",)), "-f", "json", "--check-lock")
    assert "Traceback" not in err
    return done, json.loads(out) if out else {"said": err}


def one(found: dict[str, Any]) -> dict[str, Any]:
    (film,) = found["films"]
    return dict(film)


class TestMoved:
    """A moved file costs nothing."""

    @pytest.mark.parametrize("folder", ["films/one", "films/my film", "films/été", "other"])
    def test_a_film_with_its_files(self, bought: Emulator, callsheet: Typed, folder: str) -> None:
        Path(folder).mkdir()
        for name in ("film.yaml", "film.lock.yaml", "shots.csv"):
            git("mv", f"films/{name}", folder)
        commit()
        done, found = asked(callsheet, f"{folder}/film.yaml")
        film = one(found)
        assert (done, film["what"], film["path"]) == (0, "moved", f"{folder}/film.yaml")
        assert film["changes"]["moved_from"] == "films/film.yaml" and not film["changes"]["instances"]
        assert found["usd"]["high"] == 0.0

    def test_out_of_the_pattern(self, bought: Emulator, callsheet: Typed) -> None:
        git("mv", "films", "old")
        commit()
        done, found = asked(callsheet)
        assert (done, one(found)["path"], one(found)["what"]) == (0, "old/film.yaml", "moved")

    def test_by_hand_without_git_add(self, branch: None, callsheet: Typed) -> None:
        Path("films").rename("old")
        done, out, _ = callsheet("diff", "old/film.yaml")
        assert done == 0 and out.endswith("moved from films/film.yaml\n\nno differences\n")

    def test_and_edited(self, bought: Emulator, callsheet: Typed) -> None:
        git("mv", "films", "old")
        change("old/shots.csv", "at night", "in fog")
        commit()
        done, found = asked(callsheet, "old/film.yaml")
        assert {c["address"] for c in one(found)["changes"]["instances"] if c["usd"]} == {
            'keyframe["night"]',
            'clip["night"]',
        }
        assert done == 1 and one(found)["lock"]["fault"] == "differs"

    def test_to_another_case(self, bought: Emulator, callsheet: Typed) -> None:
        git("mv", "films/film.yaml", "films/Film.yaml")
        git("mv", "films/film.lock.yaml", "films/Film.lock.yaml")
        commit()
        done, found = asked(callsheet)
        assert (done, one(found)["path"], found["usd"]["high"]) == (0, "films/Film.yaml", 0.0)

    def test_without_its_lock(self, bought: Emulator, callsheet: Typed) -> None:
        write("films/one/shots.csv", SHOTS)
        git("mv", "films/film.yaml", "films/one/film.yaml")
        commit()
        done, found = asked(callsheet, "films/one/film.yaml")
        assert (done, one(found)["lock"]["fault"], found["usd"]["high"]) == (1, "left behind", 0.0)
        _, text, _ = callsheet("diff", "main...work", "films/one/film.yaml", "--check-lock")
        assert "films/one/film.lock.yaml: forgotten: the film was moved without it" in text

    def test_split_in_two(self, branch: None, callsheet: Typed) -> None:
        write("films/a.csv", "".join(SHOTS.splitlines(keepends=True)[:3]))
        write("films/b.csv", SHOTS.splitlines()[0] + "\n" + SHOTS.splitlines()[3] + "\n")
        git("rm", "--quiet", "films/film.yaml", "films/shots.csv")
        write("films/part_a.yaml", FILM.format(name="harbour_a", shots="./a.csv"))
        write("films/part_b.yaml", FILM.format(name="harbour_b", shots="./b.csv"))
        commit()
        done, found = asked(callsheet)
        assert (done, found["usd"]["high"]) == (0, 0.0)
        assert {film["what"] for film in found["films"]} == {"moved", "added"}

    def test_what_git_only_takes_for_renamed(self, branch: None, callsheet: Typed) -> None:
        """Two films of one form are alike for git, and still two films."""
        git("rm", "--quiet", "films/film.yaml")
        write("films/other.csv", "id,prompt\nbell,a bell\n")
        write("films/other.yaml", FILM.format(name="bells", shots="./other.csv"))
        commit()
        _, found = asked(callsheet)
        assert {film["path"]: film["what"] for film in found["films"]} == {
            "films/film.yaml": "deleted",
            "films/other.yaml": "added",
        }

    def test_and_rewritten_but_of_the_same_name(self, branch: None, callsheet: Typed) -> None:
        git("rm", "--quiet", "films/film.yaml")
        text = FILM.format(name="harbour", shots="./shots.csv")
        write("films/new.yaml", "".join(f"{line}  # {line}\n" if line else "\n" for line in text.split("\n")))
        commit()
        _, found = asked(callsheet)
        assert one(found)["what"] == "moved" and found["usd"]["high"] == 0.0


class TestPaid:
    """What a lock file names is paid."""

    def test_in_this_branch(self, bought: Emulator, callsheet: Typed) -> None:
        change("films/shots.csv", "at night", "in fog")
        commit()
        _, found = asked(callsheet)
        price = found["usd"]["high"]
        buy(callsheet)
        done, found = asked(callsheet)
        assert done == 0 and found["usd"] == {"low": 0.0, "high": 0.0, "unpriced": 0}
        assert found["paid"] == {"branch": price, "before": 0.0} and price > 0
        _, out, _ = callsheet("diff", "main...work", "films/film.yaml", "--format", "markdown")
        assert out.startswith(f"**1 changed, 2 remade · ${price:.2f} paid in this branch**")

    def test_before_it(self, bought: Emulator, callsheet: Typed) -> None:
        """Another film asks for what the first one has."""
        write("films/cut.csv", "".join(SHOTS.splitlines(keepends=True)[:2]))
        write("films/cut.yaml", FILM.format(name="cut", shots="./cut.csv"))
        commit()
        done, found = asked(callsheet, "films/cut.yaml")
        assert done == 0 and found["usd"]["high"] == 0.0 and found["paid"]["branch"] == 0.0
        assert found["paid"]["before"] > 0

    def test_not_yet(self, bought: Emulator, callsheet: Typed) -> None:
        change("films/shots.csv", "at night", "in fog")
        commit()
        done, found = asked(callsheet)
        assert done == 1 and len(one(found)["lock"]["differences"]) == 2
        assert callsheet("diff", "main...work", "films/*.yaml")[0] == 0

    def test_a_film_that_nobody_made_yet_needs_no_lock(self, branch: None, callsheet: Typed) -> None:
        change("films/shots.csv", "at night", "in fog")
        commit()
        done, found = asked(callsheet)
        assert done == 0 and found["usd"]["high"] > 0

    def test_the_lock_is_gone(self, bought: Emulator, callsheet: Typed) -> None:
        git("rm", "--quiet", "films/film.lock.yaml")
        commit()
        done, found = asked(callsheet)
        assert (done, one(found)["lock"]["fault"], found["usd"]["high"]) == (1, "gone", 0.0)

    def test_an_old_drift_is_not_this_branchs_fault(self, bought: Emulator, callsheet: Typed) -> None:
        git("checkout", "--quiet", "main")
        change("films/shots.csv", "at night", "in fog")
        commit("forgotten on main")
        git("checkout", "--quiet", "-B", "work")
        write("readme.md", "hello\n")
        commit()
        assert asked(callsheet)[0] == 0


class TestSeveral:
    def test_one_total_and_what_is_deleted(self, branch: None, callsheet: Typed) -> None:
        write("films/gone.yaml", FILM.format(name="gone", shots="./shots.csv"))
        commit()
        git("branch", "--quiet", "--force", "main")
        git("rm", "--quiet", "films/gone.yaml")
        change("films/shots.csv", "at night", "in fog")
        write("films/new.csv", "id,prompt\nbell,a bell\n")
        write("films/new.yaml", FILM.format(name="new", shots="./new.csv"))
        commit()
        _, out, _ = callsheet("diff", "main...work", "films/*.yaml", "--format", "markdown")
        head, table = out.split("\n\n")[:2]
        assert re.fullmatch(r"\*\*3 films: 1 changed, 1 new, 1 deleted · \+\$0\.\d\d to \$\d\.\d\d\*\*", head)
        assert "| deleted |" in table and "gone" in table and "| new |" in table
        done, out, _ = callsheet("diff", "main...work", "films/gone.yaml")
        assert done == 0 and "-3 shots, -3 nodes" in out
        _, out, _ = callsheet("diff", "main...work", "films/gone.yaml", "--check-lock")
        assert out.startswith("films/gone.yaml is deleted\n")

    def test_all_films_that_the_project_names(self, branch: None, callsheet: Typed) -> None:
        write("callsheet.toml", 'films = "films"\n')
        write("films/deep/film.yaml", FILM.format(name="deep", shots="../shots.csv"))
        write("other/film.yaml", FILM.format(name="other", shots="../films/shots.csv"))
        commit()
        git("branch", "--quiet", "--force", "main")
        git("rm", "--quiet", "films/film.yaml")
        change("films/shots.csv", "at night", "in fog")
        commit()
        done, out, _ = callsheet("diff", "main...work", "--format", "json")
        told = {film["path"]: film["what"] for film in json.loads(out)["films"]}
        assert done == 0 and told == {"films/film.yaml": "deleted", "films/deep/film.yaml": "changed"}

    def test_a_call_of_two_films_is_paid_once(self, branch: None, callsheet: Typed) -> None:
        for name in ("a", "b"):
            write(f"films/{name}.csv", "id,prompt\nbell,a bell\n")
            write(f"films/{name}.yaml", FILM.format(name=name, shots=f"./{name}.csv"))
        commit()
        _, both = asked(callsheet)
        _, single = asked(callsheet, "films/a.yaml")
        assert both["usd"] == single["usd"] and single["usd"]["high"] > 0

    def test_it_fits_into_a_comment(self, branch: None, callsheet: Typed) -> None:
        """Whole shots, whole films, and every film is named."""
        for i in range(4):
            rows = "".join(f"s{n},{'long ' * 40}{i} {n}\n" for n in range(150))
            write(f"films/long{i}.csv", f"id,prompt\n{rows}")
            write(f"films/long{i}.yaml", FILM.format(name=f"long{i}", shots=f"./long{i}.csv"))
        commit()
        git("branch", "--quiet", "--force", "main")
        for i in range(4):
            path = Path(f"films/long{i}.csv")
            path.write_text(path.read_text().replace("long long", "short word"), encoding="utf-8")
        change("films/shots.csv", "at night", "in fog")
        commit()
        _, out, _ = callsheet("diff", "main...work", "films/*.yaml", "--format", "markdown")
        assert 30_000 < len(out.encode()) <= LIMIT
        assert (
            out.count("<details>") == out.count("</details>") and len(re.findall("^```", out, re.M)) % 2 == 0
        )
        assert all(f"long{i}.yaml" in out for i in range(4)) and "in fog" in out
        rows = [line for line in out.split("\n") if line.startswith("|")]
        assert all(line.endswith("|") for line in rows)

    def test_names_that_mean_something_to_markdown(self, branch: None, callsheet: Typed) -> None:
        write(f"films/{HOSTILE}", FILM.format(name="new", shots="./shots.csv").replace("seed: 7", "seed: 8"))
        change("films/shots.csv", "at night", "in fog")
        commit()
        _, out, _ = callsheet("diff", "main...work", "films/*.yaml", "--format", "markdown")
        assert "<script>" not in out and "@all" not in out and code(f"films/{HOSTILE}") in out
        table = [line for line in out.split("\n\n")[1].split("\n") if line]
        assert {line.count("|") for line in table} == {6}


class TestCannotBeCompared:
    """Red, and said."""

    def test_a_film_with_an_error_beside_a_sound_one(self, branch: None, callsheet: Typed) -> None:
        write("films/bad.yaml", FILM.format(name="bad", shots="./nowhere.csv"))
        change("films/shots.csv", "at night", "in fog")
        commit()
        done, out, err = callsheet("diff", "main...work", "films/*.yaml", "--format", "markdown")
        assert done == 1 and "in work:" in err and "nowhere.csv" in err
        assert "cannot be compared" in out and "1 changed" in out and "in fog" in out

    def test_a_recipe_that_cannot_be_had(self, branch: None, callsheet: Typed) -> None:
        text = "callsheet: 1\nname: r\nnodes:\n  a:\n    uses: git+https://127.0.0.1:9/x.git@v1#board.yaml\n"
        write("films/r.yaml", text)
        commit()
        done, found = asked(callsheet)
        failed = next(film for film in found["films"] if film["path"] == "films/r.yaml")
        assert done == 1 and failed["what"] == "failed" and failed["error"]

    @pytest.mark.parametrize("revisions", ["nowhere...work", "nowhere", "a" * 40 + "...work"])
    def test_a_base_that_is_missing(self, branch: None, callsheet: Typed, revisions: str) -> None:
        done, found = asked(callsheet, revisions=revisions)
        assert done == 1 and "git has no revision" in found["said"]

    def test_a_branch_that_only_the_remote_has(self, branch: None, callsheet: Typed) -> None:
        here = str(Path.cwd())
        git("clone", "--quiet", "--branch", "work", f"file://{here}", "clone")
        os.chdir("clone")
        _, found = asked(callsheet)
        assert "did you mean origin/main?" in found["said"]
        assert asked(callsheet, revisions="origin/main...HEAD")[0] == 0

    def test_a_repository_without_a_commit(self, in_folder: Path, callsheet: Typed) -> None:
        write("film.yaml", "callsheet: 1\n")
        git("init", "--quiet")
        done, _, err = callsheet("diff", "film.yaml")
        assert done == 1 and "this repository has no commit yet" in err

    def test_a_pattern_without_a_film(self, branch: None, callsheet: Typed) -> None:
        done, out, _ = callsheet("diff", "main...work", "nowhere/*.yaml", "--format", "markdown")
        assert (done, out) == (0, "No pipeline makes anything else.\n")


class TestHistory:
    def test_a_detached_merge_commit(self, branch: None, callsheet: Typed) -> None:
        """As GitHub checks a pull request out; what came to main meanwhile is not told of."""
        change("films/shots.csv", "at night", "in fog")
        commit()
        git("checkout", "--quiet", "main")
        change("films/shots.csv", "at dawn", "at noon")
        commit("meanwhile")
        git("checkout", "--quiet", "--detach")
        git("merge", "--quiet", "--no-ff", "--strategy-option=theirs", "--message", "m", "work")
        _, found = asked(callsheet, revisions="HEAD^1..HEAD")
        changed = {c["address"] for c in one(found)["changes"]["instances"] if c["what"] == "changed"}
        assert all("night" in address for address in changed) and changed

    @pytest.fixture
    def shallow(self, branch: None, monkeypatch: pytest.MonkeyPatch) -> None:
        """A clone of one commit of a branch with several."""
        change("films/shots.csv", "at night", "in fog")
        commit()
        for i in range(3):
            write("readme.md", f"{i}\n")
            commit()
        here = Path.cwd()
        git(
            "clone",
            "--quiet",
            "--depth=1",
            "--no-single-branch",
            "--branch",
            "work",
            f"file://{here}",
            "clone",
        )
        monkeypatch.chdir("clone")

    def test_a_shallow_clone_says_the_line(self, shallow: None, callsheet: Typed) -> None:
        for revisions in ("HEAD~4...HEAD", "origin/main...HEAD"):
            done, found = asked(callsheet, revisions=revisions)
            assert done == 1 and "`fetch-depth: 0` below `with:`" in found["said"]

    @pytest.mark.parametrize("revisions", ["HEAD~4...HEAD", "origin/main...HEAD"])
    def test_a_shallow_clone_fetches(self, shallow: None, callsheet: Typed, revisions: str) -> None:
        done, out, err = callsheet("diff", "--fetch", revisions, "films/*.yaml", "--format", "json")
        assert done == 0, err
        assert {c["what"] for c in one(json.loads(out))["changes"]["instances"]} == {"changed", "affected"}

    def test_a_commit_that_is_only_elsewhere(self, shallow: None, callsheet: Typed) -> None:
        base = git("rev-parse", "work~4", folder="..")
        git("-C", "..", "config", "uploadpack.allowAnySHA1InWant", "true")
        done, out, err = callsheet("diff", "--fetch", f"{base}..HEAD", "films/film.yaml")
        assert done == 0 and "1 changed, 2 remade" in out, err


class TestSubmodules:
    @pytest.fixture
    def outer(self, branch: None) -> None:
        """A repository with a film in the submodule `sub`: one commit of it on main, the next one on work."""
        git("checkout", "--quiet", "main")
        inner = Path.cwd() / "inner"
        for name in ("film.yaml", "shots.csv"):
            write(f"inner/{name}", Path("films", name).read_text(encoding="utf-8"))
        git("init", "--quiet", folder="inner")
        commit("one", folder="inner")
        write(".gitignore", "inner/\n")
        git("submodule", "--quiet", "add", str(inner), "sub")
        recipe = "callsheet: 1\nname: all\nnodes:\n  part: {uses: ./sub/film.yaml}\n"
        write("all.yaml", f"{recipe}outputs:\n  film: ${{{{ part.film }}}}\n")
        commit("with a submodule")
        git("checkout", "--quiet", "-B", "work")
        change("sub/shots.csv", "at night", "in fog")
        commit("two", folder="sub")
        commit("newer")

    @pytest.mark.parametrize("film", ["sub/film.yaml", "sub/*.yaml", "all.yaml"])
    def test_a_film_or_a_recipe_in_one(self, outer: None, callsheet: Typed, film: str) -> None:
        done, found = asked(callsheet, film)
        changed = {c["address"] for c in one(found)["changes"]["instances"] if c["what"] == "changed"}
        assert done == 0 and len(changed) == 1 and '"night"' in changed.pop()

    def test_its_own_revisions_inside_of_it(self, outer: None, callsheet: Typed) -> None:
        os.chdir("sub")
        _, found = asked(callsheet, "film.yaml", revisions="HEAD~1..HEAD")
        assert one(found)["what"] == "changed"

    def test_one_that_is_not_here(self, outer: None, callsheet: Typed) -> None:
        git("submodule", "--quiet", "deinit", "--force", "sub")
        done, found = asked(callsheet, "sub/film.yaml")
        assert done == 1 and "submodule sub, which is not here" in found["said"]
        done, _, err = callsheet("diff", "main...work", "all.yaml")
        assert done == 1 and "git submodule update --init" in err

    def test_a_link_in_its_place_is_not_followed(self, outer: None, callsheet: Typed) -> None:
        shutil.move("sub", "elsewhere")
        Path("sub").symlink_to("elsewhere")
        done, found = asked(callsheet, "sub/film.yaml")
        assert done == 1 and "said" in found
