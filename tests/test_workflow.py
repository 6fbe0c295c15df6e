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
    assert len(used) == 4 and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", name) for name in used)
    assert len(re.findall(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", TEXT, re.MULTILINE)) == 4


def test_who_reads_the_pull_request_may_not_write() -> None:
    assert list(FLOW["on"]) == ["pull_request"] and FLOW["permissions"] == {}
    assert FLOW["jobs"]["plan"]["permissions"] == {"contents": "read"}
    assert FLOW["jobs"]["comment"]["permissions"] == {"pull-requests": "write"}
    assert "secrets." not in TEXT and "checkout" not in json.dumps(FLOW["jobs"]["comment"])
    assert "head.repo.full_name == github.repository" in FLOW["jobs"]["comment"]["if"]
    assert steps("plan")[0]["with"] == {"fetch-depth": "0", "persist-credentials": "false"}


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
            **FLOW["jobs"]["plan"]["env"],
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
    (runner.repository / "films/film.lock.yaml").write_text("lock: 1\n", encoding="utf-8")
    runner.git("init", "--quiet")
    runner.git("add", ".")
    runner.git("commit", "--quiet", "--message", "one")
    return runner


def edit(runner: Runner, old: str, new: str) -> str:
    """Change the film in a second commit; the first one's hash."""
    base = runner.git("rev-parse", "HEAD")
    path = runner.repository / "films/film.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    runner.git("commit", "--quiet", "--all", "--allow-empty", "--message", "two")
    return base


def test_a_change_is_checked_and_told(runner: Runner) -> None:
    base = edit(runner, "seed: 7", "seed: 8")
    assert runner.run(script("plan", "Check")).returncode == 0
    done = runner.run(script("plan", "Diff"), BASE=base)
    assert done.returncode == 0, done.stderr
    comment = (runner.temp / "plan/comment.md").read_text(encoding="utf-8")
    assert comment.startswith("<!-- callsheet plan -->\n**5 changed, 5 remade · +$0.29 to $5.09**")
    assert (runner.temp / "summary.md").read_text(encoding="utf-8") == comment


def test_nothing_changed(runner: Runner) -> None:
    base = edit(runner, "", "")
    runner.run(script("plan", "Diff"), BASE=base)
    comment = (runner.temp / "plan/comment.md").read_text(encoding="utf-8")
    assert comment == "<!-- callsheet plan -->\nNo pipeline makes anything else.\n"


def test_a_broken_pipeline_fails_the_check_and_is_told(runner: Runner) -> None:
    base = edit(runner, "seed: 7", "seed: seven")
    done = runner.run(script("plan", "Check"))
    assert done.returncode == 1 and "films/film.yaml:24:13: error" in done.stderr
    assert runner.run(script("plan", "Diff"), BASE=base).returncode == 0
    assert "cannot be compared" in (runner.temp / "plan/comment.md").read_text(encoding="utf-8")


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
