"""What may go of a shared store: nothing that any film of any project needs."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.errors import InputError
from callsheet.runtime.lock import lock_path
from callsheet.runtime.remote_store.folder import Folder
from callsheet.runtime.shared_gc.garbage import DAY, SharedRules
from callsheet.runtime.shared_gc.remove import remove_shared
from callsheet.runtime.shared_gc.search import SharedSearch, find_shared_garbage
from callsheet.runtime.workspace import Workspace
from tests.end_to_end.conftest import Project
from tests.end_to_end.story import FILM
from tests.s3 import S3

pytestmark = pytest.mark.usefixtures("different")
OTHER = FILM.replace("story", "other").replace("dusk", "noon")


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("disk") / "common")


@pytest.fixture
def made(
    provider: Any, hurry: None, tmp_path_factory: pytest.TempPathFactory, store: str
) -> Callable[..., Any]:
    """Makes a project of its own, and its film."""

    def make(name: str, film: str = FILM, store: str = store) -> Any:
        folder = tmp_path_factory.mktemp(name)
        (folder / "callsheet.toml").touch()
        project = Project(folder, provider).write(film)
        assert project.run(store=store).status == "done"
        return project

    return make


def later(project: Any, store: str, days: float = 60, **rules: Any) -> SharedSearch:
    """What somebody finds in the folder of a project, so many days from now."""
    given = SharedRules(now=time.time() + days * DAY, **rules)
    return find_shared_garbage(Workspace(project.folder), store, given)


def going(project: Any, store: str, **rules: Any) -> list[str]:
    return [file.name.split("/")[0] for file in later(project, store, **rules).garbage.going]


def changed(project: Any, store: str) -> Any:
    """A project whose film has another shot than before."""
    project.write(FILM.replace("'dusk'", "'night'"))
    assert project.run(store=store).status == "done"
    return project


def again(project: Any, store: str) -> Any:
    """The film of a project once more, with nothing but its lock file and the store."""
    project.forget()
    project.provider.reset()
    assert project.run(store=store).status == "done"
    return project


def test_what_a_lock_file_names_stays(made: Any, store: str) -> None:
    ours = made("ours")
    assert going(ours, store) == []
    assert later(ours, store).garbage.kept == len([*Folder(Path(store)).entries()])
    search = later(made("theirs", OTHER), store)
    assert search.garbage.going == () and len(search.garbage.projects) == 2


def test_what_no_film_needs_goes_when_it_is_old(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    assert going(ours, store, days=29) == []
    assert going(ours, store) == ["keys", "records", "blobs"]
    search = later(ours, store)
    assert [(film.film, film.files) for film in search.garbage.films] == [("story", 3)]
    assert search.garbage.usd > 0
    assert remove_shared(search, Workspace(ours.folder)) == 3
    assert going(ours, store) == [] and again(ours, store).posts == 0


def test_what_another_project_needs_stays(made: Any, store: str) -> None:
    ours, theirs = made("ours"), made("theirs")
    assert theirs.posts == 2  # those that ours bought
    changed(ours, store)
    assert going(ours, store) == [] == going(theirs, store)
    remove_shared(later(ours, store), Workspace(ours.folder))
    assert again(theirs, store).posts == 0


def test_what_is_over_is_forgotten_by_a_word(made: Any, store: str) -> None:
    ours, theirs = made("ours"), made("theirs", OTHER)
    assert [one.films for one in later(ours, store).garbage.projects] == [1, 1]
    name = next(one.project for one in later(ours, store).garbage.projects if "theirs" in one.project)
    with pytest.raises(InputError, match="knows no project `thiers`") as caught:
        later(ours, store, forget=("thiers",))
    assert name in caught.value.next_step
    for forgotten in (name, f"{name}/no-branch"):
        assert going(ours, store, forget=(forgotten,)) == ["keys", "records", "blobs"]
    remove_shared(later(ours, store, forget=(name,)), Workspace(ours.folder))
    assert len(later(ours, store).garbage.projects) == 1
    assert again(ours, store).posts == 0 and theirs.folder


def test_branches_and_tags_of_the_clone_count(made: Any, store: str) -> None:
    ours = made("ours")

    def git(*words: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *words], cwd=ours.folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-f", "film.yaml", "film.lock.yaml")
    git("commit", "-q", "-m", "the first cut")
    git("tag", "v1")
    changed(ours, store)
    git("commit", "-q", "-a", "-m", "another shot")
    shutil.rmtree(Path(store) / "needs")
    assert going(ours, store, early=True) == []
    git("tag", "-d", "v1")
    assert going(ours, store, early=True) == ["keys", "records", "blobs"]


def test_a_clone_that_git_does_not_show_stops_it(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    git = ours.folder / ".git"
    subprocess.run(["git", "init", "-q"], cwd=ours.folder, check=True)
    assert later(ours, store).garbage.going != ()
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", "add", "-f", "film.lock.yaml"], cwd=ours.folder, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "-m", "cut"], cwd=ours.folder, check=True)
    subprocess.run(["git", "tag", "file", "HEAD:film.lock.yaml"], cwd=ours.folder, check=True)
    assert later(ours, store).garbage.going != ()
    lost = subprocess.check_output(["git", "rev-parse", "file"], cwd=ours.folder, text=True).strip()
    (git / "refs" / "tags" / "file").unlink()
    (git / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(InputError, match="tags of this clone need: `git cat-file` fails here"):
        later(ours, store)
    (git / "HEAD").unlink()
    with pytest.raises(InputError, match="not a git repository") as caught:
        later(ours, store)
    assert "nothing was deleted" in caught.value.next_step


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for git")
def test_a_git_that_is_silent_stops_it(made: Any, store: str, tmp_path: Path, monkeypatch: Any) -> None:
    """For example on a network drive that is away."""
    ours = changed(made("ours"), store)
    subprocess.run(["git", "init", "-q"], cwd=ours.folder, check=True)
    silent = tmp_path / "silent" / "git"
    silent.parent.mkdir()
    silent.write_text("#!/bin/sh\nexec sleep 600\n")
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", f"{silent.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("callsheet.runtime.git_revision.SECONDS", 0.1)
    before = sorted(path for path in Path(store).rglob("*") if path.is_file())
    with pytest.raises(
        InputError, match=r"`git for-each-ref` fails here: it did not end in 0\.1 s"
    ) as caught:
        later(ours, store)
    assert "nothing was deleted" in caught.value.next_step
    assert sorted(path for path in Path(store).rglob("*") if path.is_file()) == before


def test_what_was_there_before_films_said_anything_needs_a_word(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    mark = Path(store) / "store.json"
    os.utime(mark, (time.time() + 1, time.time() + 1))
    search = later(ours, store)
    assert search.garbage.going == () and search.garbage.early == 3
    mark.unlink()
    shutil.rmtree(Path(store) / "needs")
    assert going(ours, store) == [] and going(ours, store, early=True) == ["keys", "records", "blobs"]


def test_of_two_clones_none_makes_the_results_of_the_other_garbage(made: Any, store: str) -> None:
    """Both are the same project on the same branch, and only one of them has the retake."""
    ours, theirs = made("ours"), made("theirs")
    origin = 'url = "https://token@Example.org/studio/film.git"'
    for project in (ours, theirs):
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=project.folder, check=True)
        with (project.folder / ".git" / "config").open("a") as config:
            config.write(f'[remote "origin"]\n{origin}\n')
        shutil.rmtree(Path(store) / "needs", ignore_errors=True)
    changed(ours, store)
    assert callsheet.lock(theirs.file, store=store).uploaded is not None
    (one,) = later(ours, store, days=29).garbage.projects
    assert (one.project, one.branch, one.films) == ("example.org-studio-film", "main", 1)
    nobody = type(ours)(Path(store).parent / "nobody", ours.provider)
    nobody.folder.mkdir()
    assert going(nobody, store, days=29, keep=28 * DAY, early=True) == ["keys", "records", "blobs"]
    assert going(nobody, store, days=20, keep=28 * DAY, early=True) == []
    assert going(ours, store, early=True) == []


def test_whenever_it_is_killed_nothing_needed_is_gone(
    made: Any, store: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = changed(made("ours"), store)
    whole = tmp_path_factory.mktemp("copy") / "common"
    remove = Folder.remove
    for count in range(4):
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(store, whole)
        search = later(ours, str(whole))

        left = itertools.count(count, -1)

        def killed(self: Folder, names: Any, left: Any = left) -> None:
            for name in names:
                if not next(left):
                    raise KeyboardInterrupt
                remove(self, [name])

        with monkeypatch.context() as patch:
            patch.setattr(Folder, "remove", killed)
            with pytest.raises(KeyboardInterrupt):
                remove_shared(search, Workspace(ours.folder))
        there = {file.name for file in Folder(whole).entries()}
        gone = [file.name for file in search.garbage.going if file.name not in there]
        assert gone == [file.name for file in search.garbage.going][:count]
        assert again(ours, str(whole)).posts == 0
        assert remove_shared(later(ours, str(whole)), Workspace(ours.folder)) == 3 - count


def test_what_somebody_begins_to_need_meanwhile_stays(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    search = later(ours, store)
    theirs = made("theirs")  # takes from the store what goes
    assert theirs.posts == 3
    assert remove_shared(search, Workspace(ours.folder)) == 0
    assert again(theirs, store).posts == 0


def test_a_damaged_text_stops_it(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    text = next((Path(store) / "needs").rglob("*.txt"))
    text.chmod(0o644)
    text.write_bytes(text.read_bytes()[:100])
    with pytest.raises(InputError, match="is damaged, so nobody knows what"):
        later(ours, store)


def test_names_of_others_are_left_alone(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    others = ["notes.txt", "blobs/ab/\x1b[31mred", "blobs/zz/" + "0" * 62, "keys/ab/short.json"]
    for name in others:
        path = Path(store) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    remove_shared(later(ours, store), Workspace(ours.folder))
    assert all((Path(store) / name).exists() for name in others)


def test_files_of_engines_go_by_their_age(made: Any, store: str) -> None:
    ours = made("ours")
    digest = "ab/" + "0" * 62
    names = ["engine/probe-1", f"previews/blobs/{digest}", "previews/engine/probe-2", f"blobs/{digest}"]
    for name in names:
        Folder(Path(store)).write(name, b"x", first=True)
    found = [file.name for file in later(ours, store).garbage.going]
    assert sorted(found) == sorted(names) and found[-1] == f"blobs/{digest}"


def test_the_same_in_a_bucket(made: Any, s3: S3) -> None:
    ours = made("ours", store=s3.url)
    (before,) = (name for name in s3.objects() if name.startswith("needs/"))
    changed(ours, s3.url)
    s3.client.delete_object(Bucket=s3.bucket, Key=f"common/{before}")  # it may be of the same second
    search = later(ours, s3.url)
    assert [file.name.split("/")[0] for file in search.garbage.going] == ["keys", "records", "blobs"]
    assert remove_shared(search, Workspace(ours.folder)) == 3
    assert again(ours, s3.url).posts == 0 and later(ours, s3.url).garbage.going == ()


def test_in_a_bucket_no_record_goes_before_what_names_it(made: Any, s3: S3) -> None:
    ours = made("ours", store=s3.url)
    for name in [name for name in s3.objects() if name.startswith("needs/")]:
        s3.client.delete_object(Bucket=s3.bucket, Key=f"common/{name}")
    changed(ours, s3.url)
    deleted: list[str] = []
    too_early = threading.Event()

    def watch(method: str, path: str) -> None:
        if method == "DELETE":
            if "/records/" in path:
                too_early.set()
            elif "/keys/" in path:
                too_early.wait(0.2)  # so long another may overtake it
            deleted.append(path)

    s3.fault = watch
    remove_shared(later(ours, s3.url), Workspace(ours.folder))
    s3.fault = lambda method, path: None
    folders = [path.split("/common/")[1].split("/")[0] for path in deleted]
    assert folders == ["keys", "records", "blobs"]


def test_as_it_is_typed(made: Any, store: str) -> None:
    ours = changed(made("ours"), store)
    for path in Path(store).rglob("*"):
        if path.is_file():
            os.utime(path, (path.stat().st_mtime - 60 * DAY,) * 2)
    os.utime(Path(store) / "store.json", (time.time() - 90 * DAY,) * 2)
    (Path(store) / "notes.txt").touch()  # the store is used today
    told, wrong = ours.command("cache", "gc", "--store", store).communicate()
    assert wrong == "" and f"{store} is needed by\n" in told
    assert "story  3 files" in told and "bought for $0.10" in told and told.endswith("--yes deletes them\n")
    told, wrong = ours.command("cache", "gc", "--store", store, "--yes", "--json").communicate()
    assert wrong == "deleted: 3 files\n" and len(json.loads(told)["going"]) == 3
    told, wrong = ours.command("cache", "gc", "--store", store).communicate()
    assert wrong == "" and "nothing to delete: there is no file older than 30 days" in told
    _, wrong = ours.command("cache", "gc", "--store", store, "--forget", "thiers").communicate()
    assert "knows no project `thiers`" in wrong
    assert callsheet.cache_gc(store=store, project=ours.folder).going == ()
    for wrong in ({"max_size": 10**9}, {"older_than": 7200.0}, {"forget": ["nothing"]}):
        with pytest.raises(InputError) as caught:
            callsheet.cache_gc(store=store, project=ours.folder, **wrong)
        assert caught.value.next_step
    with pytest.raises(InputError, match="is about a shared store"):
        callsheet.cache_gc(forget=["nothing"], project=ours.folder)
    assert again(ours, store).posts == 0 and lock_path(ours.file).exists()


def test_a_store_that_is_not_there_is_no_empty_store(in_folder: Path) -> None:
    with pytest.raises(InputError, match="cannot be searched: there is no folder") as caught:
        callsheet.cache_gc(store=str(in_folder / "nowhere"))
    assert "--store" in caught.value.next_step
