"""The workflow in examples/github: its shape is safe, and its commands work in a real repository."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "examples/github/callsheet-plan.yml").read_text(encoding="utf-8")
FLOW = yaml.load(TEXT, yaml.BaseLoader)
MAIN = "from callsheet.cli.main import main; main()"
STILL = """
callsheet: 1
name: still
nodes:
  card: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a lighthouse}}
outputs:
  card: ${{ card.images }}
"""
GH = """#!/bin/sh
printf '%s\\n' "$@" >> "$RUNNER_TEMP/calls"
case "$*" in *--jq*) cat "$RUNNER_TEMP/existing" ;; esac
"""


def steps(job: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = FLOW["jobs"][job]["steps"]
    return found


def script(job: str, name: str) -> str:
    return next(str(step["run"]) for step in steps(job) if step.get("name") == name)


def test_every_action_is_pinned_by_its_whole_hash() -> None:
    used = [str(step["uses"]) for job in FLOW["jobs"] for step in steps(job) if "uses" in step]
    assert len(used) == 9 and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", name) for name in used)
    assert len(re.findall(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", TEXT, re.MULTILINE)) == 9


def test_who_reads_the_pull_request_may_not_write() -> None:
    assert list(FLOW["on"]) == ["pull_request"] and FLOW["permissions"] == {}
    assert "secrets." not in TEXT
    for reads, writes in (("plan", "comment"), ("plan", "strips"), ("preview", "pictures")):
        assert FLOW["jobs"][reads]["permissions"] == {"contents": "read"}
        assert "github.token" not in json.dumps(FLOW["jobs"][reads])
        assert FLOW["jobs"][writes]["permissions"]["pull-requests"] == "write"
        assert "checkout" not in json.dumps(FLOW["jobs"][writes])
        assert "head.repo.full_name == github.repository" in FLOW["jobs"][writes]["if"]
        given = steps(reads)[0]["with"]
        assert isinstance(given, dict) and given["persist-credentials"] == "false"
    assert "'preview'" in FLOW["jobs"]["preview"]["if"]


def test_nothing_is_pasted_into_a_script() -> None:
    scripts = [str(step.get("run", "")) for job in FLOW["jobs"] for step in steps(job)]
    assert not any("${{" in text for text in scripts)


class Runner:
    """A folder where the scripts of the workflow run as GitHub would run them."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.temp, self.bin = (folder / name for name in ("repository", "temp", "bin"))
        for path in (self.repository / "films", self.temp, self.bin):
            path.mkdir(parents=True)
        self.tool("callsheet", f'#!/bin/sh\nexec "{sys.executable}" -c "{MAIN}" "$@"\n')
        self.tool("gh", GH)
        (self.temp / "existing").write_text("", encoding="utf-8")

    def tool(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *who, *words], cwd=self.repository, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def run(self, text: str, folder: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            **FLOW["env"],
            **environ,
        }
        words = ["bash", "-e", "-c", text]
        return subprocess.run(words, cwd=folder or self.repository, env=env, capture_output=True, text=True)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    runner = Runner(tmp_path)
    for name in ("film.yaml", "shots.csv"):
        content = (ROOT / "examples/lighthouse" / name).read_bytes()
        (runner.repository / "films" / name).write_bytes(content)
    (runner.repository / "films/old.lock.yaml").write_text("lock: 1\n", encoding="utf-8")
    runner.git("init", "--quiet")
    runner.git("add", ".")
    runner.git("commit", "--quiet", "--message", "one")
    return runner


def edit(runner: Runner, old: str, new: str) -> None:
    """Change the film on a branch, and stand on its merge with main, without a branch, as GitHub does."""
    runner.git("branch", "--quiet", "--force", "base")
    path = runner.repository / "films/film.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    runner.git("commit", "--quiet", "--all", "--allow-empty", "--message", "two")
    merge(runner)


def merge(runner: Runner) -> None:
    head = runner.git("rev-parse", "HEAD")
    runner.git("checkout", "--quiet", "--detach", "base")
    runner.git("commit", "--quiet", "--allow-empty", "--message", "meanwhile")
    runner.git("merge", "--quiet", "--no-ff", "--message", "merge", head)


def diff(runner: Runner, code: int = 0, **environ: str) -> str:
    """The comment that the step leaves."""
    done = runner.run(script("plan", "Diff"), **environ)
    assert done.returncode == code, done.stderr
    comment = (runner.temp / "plan/comment.md").read_text(encoding="utf-8")
    assert (runner.temp / "summary.md").read_text(encoding="utf-8") == comment
    return comment


def test_a_change_is_checked_and_told(runner: Runner) -> None:
    edit(runner, "seed: 7", "seed: 8")
    assert runner.run(script("plan", "Check")).returncode == 0
    comment = diff(runner)
    assert comment.startswith("<!-- callsheet plan -->\n**5 changed, 5 remade · +$0.29 to $5.09**")


def test_the_shallow_clone_of_the_workflow_is_enough(runner: Runner) -> None:
    edit(runner, "seed: 7", "seed: 8")
    runner.git("branch", "--quiet", "--force", "merged")
    depth = FLOW["jobs"]["plan"]["steps"][0]["with"]["fetch-depth"]
    whole = runner.repository.rename(runner.repository.parent / "whole")
    where = ("--depth", depth, "--branch", "merged", f"file://{whole}", str(runner.repository))
    subprocess.run(["git", "clone", "--quiet", *where], check=True)
    assert "5 changed" in diff(runner)


def test_strips_of_what_changes_are_posted(runner: Runner) -> None:
    edit(runner, "seed: 7", "seed: 8")
    about = {"REPOSITORY": "me/films", "NUMBER": "4", "HEAD": "ab" * 20, "BASE": "cd" * 20}
    diff(runner, **about)
    (runner.temp / "plan/strips/fake.png").write_bytes(b"<html>")
    (runner.temp / "plan/strips/a b?ref=x.png").write_bytes(b"\x89PNG\r\n\x1a\n and more")
    done = runner.run(script("strips", "Post the strips"), runner.temp, **about)
    assert done.returncode == 0, done.stderr
    calls = (runner.temp / "calls").read_text(encoding="utf-8").splitlines()
    put = [line for line in calls if line.startswith("repos/me/films/contents/pr-4/")]
    strips = sorted(path.name for path in (runner.temp / "plan/strips").glob("lighthouse-*.png"))
    assert put == [f"repos/me/films/contents/pr-4/ababababab-{name}" for name in strips] and len(put) >= 4
    body = (runner.temp / "strips.md").read_text(encoding="utf-8")
    assert body.startswith("<!-- callsheet strips -->\n**")
    link = f"(https://github.com/me/films/blob/callsheet-pictures/pr-4/ababababab-{strips[0]}?raw=true)"
    assert link in body and "$" in body
    assert calls[-6:-2] == ["--silent", "--method", "POST", "repos/me/films/issues/4/comments"]


def test_no_strip_is_no_comment(runner: Runner) -> None:
    edit(runner, "", "")
    diff(runner)
    done = runner.run(script("strips", "Post the strips"), runner.temp, REPOSITORY="me/films", NUMBER="4")
    assert done.returncode == 0 and not (runner.temp / "calls").exists()


def test_nothing_changed(runner: Runner) -> None:
    edit(runner, "", "")
    assert diff(runner) == "<!-- callsheet plan -->\nNo pipeline makes anything else.\n"


def test_a_deleted_film_is_told(runner: Runner) -> None:
    runner.git("branch", "--quiet", "--force", "base")
    runner.git("rm", "--quiet", "films/film.yaml")
    runner.git("commit", "--quiet", "--message", "two")
    merge(runner)
    assert "is deleted**" in diff(runner)


def test_a_broken_pipeline_fails_the_check_and_is_told(runner: Runner) -> None:
    edit(runner, "seed: 7", "seed: seven")
    done = runner.run(script("plan", "Check"))
    assert done.returncode == 1 and "films/film.yaml:24:13: error" in done.stderr
    assert "cannot be compared" in diff(runner, 1)


def test_a_forgotten_lock_is_red(runner: Runner) -> None:
    (runner.repository / "films/film.lock.yaml").write_text("lock: 1\n", encoding="utf-8")
    runner.git("add", ".")
    runner.git("commit", "--quiet", "--message", "a lock")
    edit(runner, "seed: 7", "seed: 8")
    assert "The lock file was forgotten" in diff(runner, 1)


def test_a_base_that_is_not_there_is_red_and_told(runner: Runner) -> None:
    """A repository with one commit."""
    assert "cannot be compared; the log of this run says why" in diff(runner, 1)


def test_several_patterns(runner: Runner) -> None:
    (runner.repository / "more films").mkdir()
    for name in ("film.yaml", "shots.csv"):
        content = (runner.repository / "films" / name).read_bytes()
        (runner.repository / "more films" / name).write_bytes(content)
    edit(runner, "seed: 7", "seed: 8")
    runner.git("add", ".")
    runner.git("commit", "--quiet", "--amend", "--no-edit")
    comment = diff(runner, PIPELINES="films/*.yaml more*/*.yaml")
    assert "**2 films: 1 changed, 1 new · +" in comment and "more films/film.yaml" in comment


def test_a_preview_becomes_a_contact_sheet(runner: Runner) -> None:
    (runner.repository / "films/film.yaml").write_text(STILL, encoding="utf-8")
    done = runner.run(script("preview", "Preview"))
    assert done.returncode == 0, done.stderr
    assert (runner.temp / "sheets/1.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_contact_sheets_are_posted(runner: Runner) -> None:
    (runner.temp / "sheets").mkdir()
    (runner.temp / "sheets/1.png").write_bytes(b"\x89PNG\r\n\x1a\n and more")
    (runner.temp / "sheets/2.png").write_bytes(b"<html>")
    about = {"REPOSITORY": "me/films", "NUMBER": "4", "HEAD": "ab" * 20, "BASE": "cd" * 20}
    done = runner.run(script("pictures", "Post the contact sheets"), runner.temp, **about)
    assert done.returncode == 0, done.stderr
    calls = (runner.temp / "calls").read_text(encoding="utf-8").splitlines()
    assert "repos/me/films/contents/pr-4/ababababab-1.png" in calls and "2.png" not in "\n".join(calls)
    body = (runner.temp / "sheets.md").read_text(encoding="utf-8")
    assert (
        body.startswith("<!-- callsheet sheets -->\n")
        and body.count("![contact sheet](https://github.com/") == 1
    )
    assert calls[-6:-2] == ["--silent", "--method", "POST", "repos/me/films/issues/4/comments"]


@pytest.mark.parametrize(
    ("existing", "method", "where"),
    [
        ("", "POST", "repos/me/films/issues/4/comments"),
        ("77\n", "PATCH", "repos/me/films/issues/comments/77"),
    ],
)
def test_there_is_one_comment(runner: Runner, existing: str, method: str, where: str) -> None:
    (runner.temp / "existing").write_text(existing, encoding="utf-8")
    done = runner.run(
        script("comment", "Post or update the comment"), runner.temp, REPOSITORY="me/films", NUMBER="4"
    )
    assert done.returncode == 0, done.stderr
    calls = (runner.temp / "calls").read_text(encoding="utf-8").splitlines()
    assert calls[-6:] == ["--silent", "--method", method, where, "-F", "body=@plan/comment.md"]
