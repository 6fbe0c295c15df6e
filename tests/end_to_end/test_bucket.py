"""Two clones of a project and one bucket: what one of them paid for, the other has."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from click.testing import CliRunner

import callsheet
from callsheet.cli.main import callsheet as verbs
from callsheet.errors import InputError
from callsheet.runtime.events import RunNote
from callsheet.runtime.lock import lock_path
from callsheet.runtime.remote_store.push import UPLOADS_LATER
from tests.end_to_end.story import FILM
from tests.s3 import AWAY, DENIED, S3, Reply


@pytest.fixture
def ours(project: Any) -> Any:
    return project.write(FILM)


@pytest.fixture
def clone(ours: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Makes another clone."""
    return lambda name: ours.clone(tmp_path_factory.mktemp(name))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is away is tried again at once, and given up soon."""
    monkeypatch.setattr("callsheet.runtime.remote_store.push.PAUSES", (0.02,))
    monkeypatch.setattr("callsheet.runtime.remote_store.push.PATIENCE", 0.2)


def notes_of(project: Any) -> list[str]:
    return [event.message for event in project.events if isinstance(event, RunNote)]


def test_what_one_clone_made_the_other_has(
    ours: Any, clone: Any, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ours.run(store=s3.url).status == "done" and ours.posts == 2
    there = s3.objects()
    assert {name.split("/")[0] for name in there} >= {"blobs", "keys", "records", "models"}
    theirs = clone("theirs")
    result = theirs.run(store=s3.url)
    assert (result.status, result.notes, theirs.posts) == ("done", (), 2)
    again = clone("again")
    monkeypatch.chdir(again.folder)
    monkeypatch.setenv("FAL_KEY", "")
    words = ["run", "film.yaml", "--from-lock", "--store", s3.url, "--output", "plain"]
    told = copy_context().run(CliRunner().invoke, verbs, words, standalone_mode=False).output
    assert "done: 2 reused" in told and again.posts == 2
    new = s3.objects().keys() - there.keys()
    assert len(new) == 2 and all(name.startswith("needs/") for name in new)


def test_two_clones_that_buy_the_same_at_once(ours: Any, clone: Any, s3: S3, different: None) -> None:
    """In processes of their own. Neither sees what the other buys; one offer counts, and both are kept."""
    both = [ours, clone("theirs")]
    looks, all_looked = set[tuple[str, str]](), threading.Condition()

    def meet(method: str, path: str) -> Reply | None:
        if method == "HEAD" and "/keys/" in path:
            with all_looked:  # each looks for two offers before it buys; who has to wait for long asks again
                looks.add((s3.asker, path))
                all_looked.notify_all()
                all_looked.wait_for(lambda: len(looks) >= 4, timeout=300)
        return None

    s3.fault = meet
    processes = [
        one.start("--output", "plain", CALLSHEET_STORE=s3.url, AWS_SDK_UA_APP_ID=f"clone-{number}")
        for number, one in enumerate(both)
    ]
    told = [process.communicate() for process in processes]
    assert ours.posts == 4 and all("done: 2 made" in said for said, _ in told), told
    assert sum("".join(said).count("was bought twice") for said in told) == 2
    there = Counter(name.split("/")[0] for name in s3.objects())
    assert (there["keys"], there["records"], there["blobs"]) == (2, 4, 4)
    third = clone("third")
    assert third.run(store=s3.url).status == "done" and third.posts == 4


def test_a_bucket_that_does_not_exist_is_refused_before_anything_is_sent(ours: Any, s3: S3) -> None:
    with pytest.raises(InputError, match="The specified bucket does not exist") as caught:
        ours.run(store="s3://no-such-bucket-here/films")
    assert "make the bucket first" in caught.value.next_step and ours.posts == 0


def test_a_bucket_that_cannot_be_read_is_refused_before_anything_is_sent(ours: Any, s3: S3) -> None:
    s3.fault = lambda method, path: DENIED
    with pytest.raises(InputError, match="cannot be read: Forbidden") as caught:
        ours.run(store=s3.url)
    assert "the key needs the right to list" in caught.value.next_step and ours.posts == 0
    assert ours.run(store=s3.url, pay_again=True).status == "done" and ours.posts == 2


def test_a_bucket_that_may_only_be_read_gives_and_does_not_take(ours: Any, clone: Any, s3: S3) -> None:
    assert ours.run(store=s3.url).status == "done"
    theirs = clone("theirs").write(FILM.replace("'dusk'", "'dusk', 'noon'"))
    s3.fault = lambda method, path: DENIED if method == "PUT" else None
    result = theirs.run(store=s3.url)
    assert (result.status, theirs.posts) == ("done", 3)
    (said,) = notes_of(theirs)
    assert said.startswith("what this run makes is not put into the shared store: ")
    assert "Access Denied" in said and "1 of 1 results were not put" in " ".join(result.notes)


def test_a_bucket_that_goes_away_and_comes_back_gets_everything(ours: Any, s3: S3, soon: None) -> None:
    """Nothing is lost, nothing waits, and it is said once."""
    left = [AWAY] * 6
    s3.fault = lambda method, path: left.pop() if "/blobs/" in path and left else None
    result = ours.run(store=s3.url)
    assert (result.status, result.notes, left) == ("done", (), [])
    away, *back = notes_of(ours)
    assert "does not take results now" in away and all("takes results again" in said for said in back)
    assert sum(name.startswith("keys/") for name in s3.objects()) == 2


def test_what_a_bucket_misses_is_uploaded_later(ours: Any, clone: Any, s3: S3, soon: None) -> None:
    s3.fault = lambda method, path: AWAY if method == "PUT" and "store.json" not in path else None
    result = ours.run(store=s3.url)
    assert result.status == "done" and "results were not put into the shared store" in " ".join(result.notes)
    assert all(note.endswith(UPLOADS_LATER) for note in result.notes if "were not put" in note)
    s3.fault = lambda method, path: None
    uploaded = callsheet.lock(ours.file, store=s3.url).uploaded
    assert (uploaded.new, uploaded.notes) == (2, ())
    theirs = clone("theirs")
    assert theirs.run(store=s3.url).status == "done" and theirs.posts == 2


def test_a_bucket_that_is_away_buys_nothing(ours: Any, s3: S3) -> None:
    s3.fault = lambda method, path: AWAY
    with pytest.raises(InputError, match="would be paid for again: the shared store"):
        ours.run(store=s3.url)
    assert ours.posts == 0


def test_a_bucket_that_lies_is_not_believed(ours: Any, clone: Any, s3: S3) -> None:
    """One file is cut off, the other is another one of the same size. What is bought again counts for all."""
    assert ours.run(store=s3.url).status == "done"
    true = {name: content for name, content in s3.objects().items() if name.startswith("blobs/")}
    (short, content), (other, _) = true.items()
    s3.put(short, content[: len(content) // 2])
    s3.put(other, bytes(len(true[other])))
    theirs = clone("theirs")
    with pytest.raises(InputError, match="a file in it is damaged"):
        theirs.run(store=s3.url)
    assert theirs.posts == 2 and not [*(theirs.state / "blobs").glob("??/*")]
    assert theirs.run(store=s3.url, pay_again=True).status == "done" and theirs.posts == 4
    third = clone("third")
    shutil.copy(lock_path(theirs.file), third.folder)
    assert third.run(store=s3.url).status == "done" and third.posts == 4
