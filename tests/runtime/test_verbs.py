"""The verbs as a program calls them: with a workspace, for values. What the command line prints of them is
tested there."""

from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.dsl.graph import Graph
from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.runtime.approve import Approval, approve
from callsheet.runtime.cancel import cancel
from callsheet.runtime.check_lock import check_lock
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.diff import SideError, diff
from callsheet.runtime.diff.runs import RunChanges
from callsheet.runtime.fetch import fetch
from callsheet.runtime.init import init
from callsheet.runtime.output.provenance.restore import provenance_of, restore
from callsheet.runtime.pick import Picked, pick
from callsheet.runtime.reconcile import decide, reconcile
from callsheet.runtime.renew_lock import renew_lock
from callsheet.runtime.retake import Retaken, retake
from callsheet.runtime.runs import events, runs, show
from callsheet.runtime.stored_files import stored_files, verify
from callsheet.runtime.substitute import substitute
from callsheet.runtime.takes import takes
from callsheet.runtime.workspace import Workspace

IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
FILM = f"""\
callsheet: 1
name: film
nodes:
  card:
    uses: {IMAGE}
    takes: 2
    approve: true
    with: {{prompt: a harbour, seed: 7}}
  sheet: {{uses: media/contact_sheet, with: {{images: "${{{{ card.images }}}}"}}}}
outputs: {{sheet: "${{{{ sheet.image }}}}"}}
"""


@pytest.fixture
def film(seller: Emulator) -> Path:
    path = Path("film.yaml")
    path.write_text(FILM, encoding="utf-8")
    return path


@pytest.fixture
def workspace() -> Any:
    with Workspace(state=Path("elsewhere")) as found:
        yield found


def make(film: Path) -> callsheet.Result:
    return callsheet.run(film, state="elsewhere", confirm=True)


def graph(film: Path, picks: bool = True) -> Graph:
    return callsheet.load(film, picks=picks)


def test_takes_are_seen_picked_and_asked_for(film: Path, workspace: Workspace) -> None:
    with pytest.raises(InputError, match="no take of card is made yet"):
        takes(workspace, graph(film), "card")
    make(film)
    found = takes(workspace, graph(film), "card")
    assert [(t.address, t.number, t.seed, t.picked, t.made) for t in found.takes] == [
        ("card", 1, 7, True, True),
        ("card", 2, 8, False, True),
    ]
    assert found.sheet == Path("out/film/takes/card.png") and found.sheet.is_file()
    picked = pick(workspace, graph(film, picks=False), "card", 2)
    assert picked == Picked("card", 2, picked.digest) and len(picked.digest) == 64
    assert retake(workspace, graph(film), "card") == Retaken("card", 3)
    assert [(t.number, t.picked, t.made) for t in takes(workspace, graph(film), "card").takes] == [
        (1, False, True),
        (2, True, True),
        (3, False, False),
    ]


def test_an_approval_is_for_one_result(film: Path, workspace: Workspace) -> None:
    assert make(film).status == "waiting"
    assert approve(workspace, graph(film)) == (Approval("card", True),)
    assert approve(workspace, graph(film)) == ()
    assert make(film).status == "done"
    assert approve(workspace, graph(film), ["card"], undo=True) == (Approval("card", False),)
    with pytest.raises(InputError, match="no node waits for an approval of sheet"):
        approve(workspace, graph(film), ["sheet"])


def test_past_runs_are_values(film: Path, workspace: Workspace) -> None:
    with pytest.raises(InputError, match="no run of this project") as empty:
        runs(workspace)
    assert "if the film is in another folder, go there" in empty.value.next_step
    result = make(film)
    film.write_text(FILM.replace("takes: 2", "takes: 3"), encoding="utf-8")
    make(film)
    second, first = runs(workspace)
    assert (first.name, first.status, first.calls) == ("film-1", "waiting", 2)
    assert first.usd == pytest.approx(result.usd) and result.usd > 0 and first.budget is None
    assert (second.name, second.calls) == ("film-2", 1)
    details = show(workspace, "film-1")
    assert details.summary == first
    assert [(a.address, a.state) for a in details.attempts] == [
        ("card", "COMMITTED"),
        ("card#2", "COMMITTED"),
    ]
    assert '"run_started"' in events(workspace, "film-1")[0]
    with pytest.raises(InputError, match="there is no run film-9"):
        show(workspace, "film-9")
    changes = diff(workspace, "film-1", "film-2")
    assert isinstance(changes, RunChanges) and changes.usd == (first.usd, second.usd)


def test_nothing_pending_is_nothing_to_do(film: Path, workspace: Workspace) -> None:
    make(film)
    assert cancel(workspace) == ()
    assert fetch(workspace).ok and fetch(workspace).requests == ()
    assert reconcile(workspace).unknown == ()
    with pytest.raises(InputError, match="no request of card whose outcome is unknown"):
        decide(workspace, "card", "lost")


def test_a_lock_file_is_compared_and_renewed(film: Path, workspace: Workspace) -> None:
    make(film)
    approve(workspace, graph(film))
    make(film)
    assert check_lock(workspace, graph(film)).differences == ()
    film.write_text(FILM.replace("a harbour", "an island"), encoding="utf-8")
    (first, *_) = check_lock(workspace, graph(film)).differences
    assert first.startswith("card: the lock has the key ")
    film.write_text(FILM, encoding="utf-8")
    Path("film.lock.yaml").unlink()
    renewed = renew_lock(workspace, graph(film), store="shared")
    assert (renewed.path, renewed.changed) == (Path("film.lock.yaml"), True)
    assert (renewed.instances, renewed.missing) == (3, ())
    assert renewed.uploaded is not None and (renewed.uploaded.new, renewed.uploaded.known) == (3, 0)


def test_stored_files_are_counted_and_read_again(film: Path, workspace: Workspace) -> None:
    make(film)
    stored = stored_files(workspace)
    assert {blob.kind for blob in stored.results} == {"image"} and stored.previews == ()
    assert all(file.whole for file in verify(workspace))
    damaged = stored.results[0].path
    damaged.chmod(0o600)
    damaged.write_bytes(b"rot")
    assert [file.name for file in verify(workspace) if not file.whole] == [str(damaged)]


def test_two_files_are_compared(film: Path, workspace: Workspace) -> None:
    other = Path("other.yaml")
    other.write_text(FILM.replace("a harbour", "an island"), encoding="utf-8")
    changes = diff(workspace, "film.yaml", "other.yaml")
    assert isinstance(changes, Changes) and changes.count("changed") == 2
    other.write_text("callsheet: 1\n", encoding="utf-8")
    with pytest.raises(SideError) as raised:
        diff(workspace, "film.yaml", "other.yaml")
    assert raised.value.label == "other.yaml" and raised.value.errors


def test_a_file_is_written_only_when_asked_for(film: Path) -> None:
    done = substitute(film, IMAGE, "fal-ai/flux/dev")
    assert done.nodes == ("card",) and done.ok and "+    uses: fal-ai/flux/dev\n" in done.diff
    assert film.read_text(encoding="utf-8") == FILM
    done.write()
    assert film.read_text(encoding="utf-8") == done.after


def test_a_project_begins_and_a_media_file_tells_its_pipeline(film: Path) -> None:
    created = init(Path("new"))
    assert created.pipeline == Path("new/film.yaml") and all(path.is_file() for path in created.written)
    make(film)
    provenance = provenance_of(next(Path("out/film").rglob("card*.png")))
    assert provenance.making.uses == IMAGE
    restored = restore(provenance, Path("again.yaml"))
    assert (restored.path, restored.nodes, restored.problems) == (Path("again.yaml"), 1, ())
    assert callsheet.check("again.yaml").ok
