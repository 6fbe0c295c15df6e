"""What of bought results may go."""

from __future__ import annotations

from typing import Any

from callsheet.runtime.gc import Rules, find_garbage, remove
from callsheet.runtime.lock import lock_path
from callsheet.runtime.workspace import Workspace


def test_it_says_what_they_were_bought_for(project: Any) -> None:
    project.shots("image", 2).run()
    bought = project.usd
    assert find_garbage(Workspace(project.folder), Rules()).going == ()
    lock_path(project.file).unlink()
    garbage = find_garbage(Workspace(project.folder), Rules())
    assert len(garbage.going) == 2 and garbage.kept == ()
    assert round(garbage.usd, 6) == round(bought, 6) > 0


def test_what_a_request_in_doubt_has_sent_stays(project: Any) -> None:
    project.provider.fault("lost_reply", endpoint="fal-ai/pika*")
    project.chain(1).run()
    assert project.kinds == {"unknown": 1, "done": 1}
    lock_path(project.file).unlink()
    garbage = find_garbage(Workspace(project.folder), Rules())
    assert garbage.going == () and len(garbage.kept) == 1
    assert len(find_garbage(Workspace(project.folder), Rules(everything=True)).going) == 1


def test_what_is_gone_is_not_taken_for_a_result(project: Any) -> None:
    project.shots("image", 1).run()
    remove(find_garbage(Workspace(project.folder), Rules(everything=True)), Workspace(project.folder))
    assert not [*(project.state / "blobs").glob("??/*")]
    result = project.run()
    assert (result.status, project.posts) == ("done", 1)
