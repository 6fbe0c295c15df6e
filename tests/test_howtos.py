"""The files that the how-tos about CI and containers show, as far as no GitHub and no Docker is needed."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import yaml

from callsheet.cli.main import callsheet

ROOT = Path(__file__).parents[1]
HOWTO = ROOT / "docs/howto"


def shown(page: str, what: str) -> str:
    """The block of a page after the comment `what`."""
    text = (HOWTO / page).read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- {what} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    return str(block)


def test_the_workflow_pins_its_actions_as_the_example_does() -> None:
    example = (ROOT / "examples/github/callsheet-plan.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (actions/\S+ # \S+)", shown("ci.md", "workflow"))
    assert len(used) == 3 and [pin for pin in used if f"uses: {pin}" not in example] == []


def test_the_workflow_buys_under_a_budget_and_one_at_a_time() -> None:
    flow = yaml.load(shown("ci.md", "workflow"), yaml.BaseLoader)
    assert flow["concurrency"] and list(flow["on"]) == ["workflow_dispatch"]
    steps = flow["jobs"]["film"]["steps"]
    assert not any("${{" in step.get("run", "") for step in steps), "nothing is pasted into a script"
    (run,) = (step["run"] for step in steps if step.get("run", "").startswith("callsheet run"))
    command = callsheet.get_command(click.Context(callsheet), "run")
    assert command is not None
    words = shlex.split(run.replace('"$BUDGET"', "5"))[2:]
    given = command.make_context("run", words).params
    assert (given["budget"], given["output"]) == (5.0, "plain")


def test_the_image_has_extras_that_exist_and_runs_callsheet() -> None:
    file = shown("docker.md", "docker")
    (extras,) = re.findall(r"'/source\[(.+)\]'", file)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    (python,) = re.findall(r"^FROM python:(3\.\d+)-slim$", file, re.MULTILINE)
    assert f"Programming Language :: Python :: {python}" in project["classifiers"]
    assert file.rstrip().endswith(f'ENTRYPOINT ["{next(iter(project["scripts"]))}"]')
