"""`resume`: what is paid for is fetched, and the run goes on as it was started."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

import callsheet
from callsheet.errors import InputError
from callsheet.page.gather import gather
from callsheet.runtime.resume import request_of, resume
from callsheet.runtime.runs import runs
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


def test_a_killed_run_that_was_resumed_to_its_end_is_finished(project: Any, desk: Any) -> None:
    project.shots("image", 2)
    killed(project, "--concurrency", "1")
    assert "finished by" not in desk.type("runs")
    desk.type("resume")
    newest, first = desk.type("runs").splitlines()
    assert "done" in newest and "finished by" not in newest
    assert "killed" in first and first.endswith("finished by shots-2")
    assert desk.type("show", "shots-1").splitlines()[0].endswith("finished by shots-2")
    with Workspace(project.folder) as workspace:
        found = {run.name: (run.status, run.finished_by) for run in runs(workspace)}
        page = gather(callsheet.load(project.file), workspace).document.to_json()
    assert found == {"shots-2": ("done", ""), "shots-1": ("killed", "shots-2")}
    assert [run.get("finished_by") for run in page["runs"]] == [None, "shots-2"]


def test_a_killed_run_whose_results_were_only_fetched_is_done(project: Any, desk: Any) -> None:
    """Nothing was left to buy, so the run that made the rest is not in the ledger."""
    project.shots("image", 1)
    killed(project)
    assert "killed" in desk.type("runs")
    desk.type("resume")
    (row,) = desk.type("runs").splitlines()
    assert "shots-1" in row and "done" in row
    assert desk.type("resume").endswith("nothing to resume: shots-1 is done\n")
    assert project.posts == 1


def test_a_run_is_not_finished_by_one_that_failed(project: Any, desk: Any) -> None:
    project.provider.fault("http_422", nth=2, times=1)
    project.shots("image", 2)
    killed(project, "--concurrency", "1")
    with Workspace(project.folder) as workspace:
        assert resume(workspace).status == "failed"
        assert [run.finished_by for run in runs(workspace)] == ["", ""]
        assert resume(workspace).status == "done"
        assert [run.finished_by for run in runs(workspace)] == ["", "shots-3", "shots-3"]


def test_a_file_that_python_ran_goes_on(project: Any) -> None:
    project.provider.fault("http_422", nth=2, times=1)
    project.shots("image", 2)
    callsheet.run(project.file, out=project.out, state=project.state, confirm=True)
    with Workspace(project.folder) as workspace:
        assert request_of(workspace).file == project.file
        assert resume(workspace).status == "done"
    assert project.posts == 3


def test_after_a_run_that_is_done_there_is_nothing_to_resume(project: Any, desk: Any) -> None:
    """One word in the file was changed, and `resume` bought two instances."""
    project.shots("image", 1).run()
    project.write(project.file.read_text().replace("lighthouse", "harbour"))
    assert desk.type("resume", "--yes") == "nothing to resume: shots-1 is done\n"
    with Workspace(project.folder) as workspace, pytest.raises(InputError, match="shots-1 is done"):
        resume(workspace, confirm=True)
    assert project.posts == 1


class TestWhatIsNew:
    """`resume` goes on with what was agreed to, and asks for what is new."""

    @pytest.fixture
    def stopped(self, project: Any, desk: Any) -> Any:
        """A run of three shots that was killed after the first."""
        project.shots("image", 3)
        killed(project, "--only", 'made["0"]', "--only", 'made["1"]', "--concurrency", "1")
        return project

    def test_what_was_agreed_to_goes_on_unasked(self, stopped: Any, desk: Any) -> None:
        desk.type("resume")
        assert stopped.posts == 2

    def test_a_file_that_changed_is_asked_for(self, stopped: Any, desk: Any) -> None:
        stopped.write(stopped.file.read_text().replace("lighthouse", "harbour"))
        before = stopped.posts
        with pytest.raises(InputError, match=r"new since shots-1: film\.yaml changed"):
            desk.type("resume")
        with Workspace(stopped.folder) as workspace, pytest.raises(InputError, match="nobody agreed"):
            resume(workspace)
        assert stopped.posts == before
        desk.type("resume", "--yes")
        assert stopped.posts == before + 2

    def test_from_another_folder_only_what_changed_is_said(
        self, stopped: Any, desk: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        below = stopped.folder / "below"
        below.mkdir()
        monkeypatch.chdir(below)
        text = stopped.file.read_text()
        stopped.write(text.replace("lighthouse", "harbour"))
        with pytest.raises(InputError, match=r"\(new since shots-1: film\.yaml changed"):
            desk.type("resume")
        stopped.write(text)
        desk.type("resume")
        assert stopped.posts == 2

    def test_a_new_limit_is_an_answer(self, stopped: Any, desk: Any) -> None:
        stopped.write(stopped.file.read_text().replace("lighthouse", "harbour"))
        with pytest.raises(InputError, match="and the budget is"):
            desk.type("resume", "--budget", "0.31")
        desk.type("resume", "--budget", "0.32")
        assert stopped.posts == 3

    def test_what_failed_after_it_was_paid_is_asked_for(self, project: Any, desk: Any) -> None:
        project.provider.fault("model_error", times=1)
        project.shots("image", 1).start().communicate()
        with pytest.raises(InputError, match=r"it would cost \$0\.21 in all, and \$0\.10 was agreed to"):
            desk.type("resume")
        assert project.posts == 1
        desk.type("resume", "--yes")
        assert project.posts == 2

    def test_a_run_of_an_earlier_version_is_asked_for(self, stopped: Any, desk: Any) -> None:
        with sqlite3.connect(stopped.state / "ledger.db") as ledger:
            ledger.execute("UPDATE runs SET agreed = ''")
        with pytest.raises(InputError, match="what was agreed to is not known"):
            desk.type("resume")
        desk.type("resume", "--yes")
        assert stopped.posts == 2


def test_a_budget_goes_on(project: Any, desk: Any) -> None:
    """$1.43 were spent under a limit of $0.90: six stills, then a budget that began anew."""
    project.provider.fault("model_error", times=1)
    project.shots("image", 3)
    project.start("--budget", "0.32").communicate()
    assert project.posts == 3
    with pytest.raises(
        InputError, match=r"at least \$0\.10, and the budget is \$0\.32 .* \$0\.31 of it spent"
    ):
        desk.type("resume")
    assert project.posts == 3
    desk.type("resume", "--budget", "0.45")
    assert project.posts == 4


def test_nobody_knows_how_a_graph_of_python_came_about(project: Any, desk: Any) -> None:
    project.provider.fault("http_422", times=1)
    graph = callsheet.load(project.shots("image", 1).file)
    callsheet.run(graph, out=project.out, state=project.state, confirm=True)
    with pytest.raises(InputError, match="nothing tells what shots-1 was started with"):
        desk.type("resume")
    assert desk.type("resume", "--fetch-only") == ""
