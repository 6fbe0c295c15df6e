"""`resume`: what is paid for is fetched, and the run goes on as it was started."""

from __future__ import annotations

from typing import Any

import pytest

import callsheet
from callsheet.errors import InputError
from callsheet.runtime.resume import request_of, resume
from callsheet.runtime.workspace import Workspace


def killed(project: Any, *options: str) -> None:
    """A run that was killed once its request was accepted."""
    process = project.start(*options, failpoint="call.after_accepted")
    process.communicate()
    assert process.returncode != 0


def test_from_python_as_from_the_command_line(project: Any, desk: Any) -> None:
    project.shots("image", 2)
    killed(project, "--out", "films", "--only", 'made["0"]')
    with Workspace(project.folder) as workspace:
        result = resume(workspace, emit=project.events.append)
    assert result.status == "done" and set(project.finished) == {'made["0"]'}
    assert (project.folder / "films" / "shots").is_dir() and not project.out.exists()
    assert project.posts == 1
    assert "done" in desk.type("resume")
    assert project.posts == 1


def test_input_values_are_those_that_it_was_started_with(project: Any, desk: Any) -> None:
    project.shots("image", 1, extra="inputs: {look: string}")
    project.write(project.file.read_text().replace("a lighthouse, shot", "${{ inputs.look }}, shot"))
    killed(project, "--set", "look=dawn=grey")
    desk.type("resume")
    assert dict(project.accepted) == {"dawn=grey, shot 0": 1}


def test_a_file_that_python_ran_is_run_again(project: Any) -> None:
    project.shots("image", 1)
    callsheet.run(project.file, out=project.out, state=project.state)
    with Workspace(project.folder) as workspace:
        assert request_of(workspace).file == project.file
        assert resume(workspace).status == "done"
    assert project.posts == 1


def test_nobody_knows_how_a_graph_of_python_came_about(project: Any, desk: Any) -> None:
    graph = callsheet.load(project.shots("image", 1).file)
    callsheet.run(graph, out=project.out, state=project.state)
    with pytest.raises(InputError, match="nothing tells what shots-1 was started with"):
        desk.type("resume")
    assert desk.type("resume", "--fetch-only") == ""
