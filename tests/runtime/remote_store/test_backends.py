"""Folders and buckets: the same promises, and the same two ways to fail."""

import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from callsheet.errors import InputError
from callsheet.runtime.remote_store.backend import Backend, Missing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.bucket import Bucket
from callsheet.runtime.remote_store.folder import Folder
from callsheet.runtime.remote_store.store_url import title_of


def by_parts(path: str) -> Bucket:
    """A file system in which a file appears while it is written, as over SFTP."""
    return Bucket.at(f"file://{path}")


@pytest.fixture(
    params=[("{tmp}/common", backend_at), ("memory://{tmp}/common", backend_at), ("{tmp}/common", by_parts)],
    ids=["folder", "bucket", "by parts"],
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    where, make = request.param
    backend: Backend = make(where.format(tmp=tmp_path))
    return backend


def put(place: Backend, name: str, content: bytes, tmp_path: Path) -> bool:
    path = tmp_path / "local"
    path.write_bytes(content)
    return place.put(name, path)


def test_what_is_put_there_is_there_once(place: Backend, tmp_path: Path) -> None:
    assert put(place, "blobs/ab/cd", b"x" * 3_000_000, tmp_path)
    assert not put(place, "blobs/ab/cd", b"x" * 3_000_000, tmp_path)
    assert put(place, "records/ab/cd.json", b"{}", tmp_path)
    assert b"".join(place.read("blobs/ab/cd")) == b"x" * 3_000_000
    assert [(e.name, e.size) for e in place.entries()] == [
        ("blobs/ab/cd", 3_000_000),
        ("records/ab/cd.json", 2),
    ]
    assert not [*tmp_path.rglob(".callsheet-*")]


def test_what_was_cut_off_is_put_there_again(place: Backend, tmp_path: Path) -> None:
    put(place, "blobs/ab/cd", b"xx", tmp_path)
    assert put(place, "blobs/ab/cd", b"xxx", tmp_path)
    assert b"".join(place.read("blobs/ab/cd")) == b"xxx"


def test_what_is_not_there_is_missing(place: Backend, tmp_path: Path) -> None:
    put(place, "blobs/ab/cd", b"x", tmp_path)
    with pytest.raises(Missing):
        b"".join(place.read("blobs/ab/other"))


def test_of_several_writers_one_wins(place: Backend) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = [*pool.map(lambda i: place.write("keys/ab/cd", b"%d" % i, first=True), range(32))]
    there = b"".join(place.read("keys/ab/cd"))
    assert won[int(there)] and (won.count(True) == 1 or not isinstance(place, Folder))
    assert not place.write("keys/ab/cd", b"x", first=True)
    assert place.write("keys/ab/cd", b"%d" % (99 - int(there)), first=False)
    assert b"".join(place.read("keys/ab/cd")) == b"%d" % (99 - int(there))
    assert [entry.name for entry in place.entries()] == ["keys/ab/cd"]


def test_a_disk_without_hard_links_has_one_winner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", Mock(side_effect=OSError(errno.EPERM, "no links")))
    place = Folder(tmp_path / "common")
    assert place.write("keys/a", b"first", first=True) and not place.write("keys/a", b"second", first=True)
    assert b"".join(place.read("keys/a")) == b"first" and len([*place.entries()]) == 1


@pytest.mark.parametrize("place", ["{tmp}/disk/common", "file://{tmp}/disk/common"])
def test_a_disk_that_is_not_there_is_no_empty_store(place: str, tmp_path: Path) -> None:
    backend = backend_at(place.format(tmp=tmp_path))
    assert not backend.is_new
    with pytest.raises(Unreachable, match="there is no folder"):
        b"".join(backend.read("keys/ab/cd"))
    (tmp_path / "disk").mkdir()
    assert backend.is_new


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_folder_that_is_full_or_cannot_be_written_is_unreachable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: int
) -> None:
    place, file = Folder(tmp_path / "common"), tmp_path / "file"
    file.write_bytes(b"x")
    place.put("blobs/ab/cd", file)
    monkeypatch.setattr("os.write", Mock(side_effect=OSError(problem, "no")))
    for act in (
        lambda: place.put("blobs/ab/other", file),
        lambda: place.write("keys/ab/cd.json", b"{}", first=True),
        lambda: place.write("keys/ab/cd.json", b"{}", first=False),
    ):
        with pytest.raises(Unreachable):
            act()
    assert not place.put("blobs/ab/cd", file)
    assert [entry.name for entry in place.entries()] == ["blobs/ab/cd"]
    assert not [*tmp_path.rglob(".callsheet-*")]


class Strange:
    """A file system that raises errors of its own."""

    protocol = ("s3", "s3a")

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise KeyError(f"no {name} at https://key:secret@s3.example.org/films?signature=secret today")

        return fail


@pytest.mark.parametrize(
    "act", [lambda p: b"".join(p.read("a")), lambda p: p.put("a", Path(__file__)), lambda p: [*p.entries()]]
)
def test_whatever_a_file_system_raises_is_told_without_secrets(act: Callable[[Backend], object]) -> None:
    with pytest.raises(Unreachable) as caught:
        act(Bucket(Strange(), "films", "s3://films"))
    assert "s3://films cannot be" in caught.value.message
    assert "https://s3.example.org/films" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("s3://key:secret@films/common", "s3://films/common"),
        ("sftp://user:p%40ss@host:22/films?token=a#b", "sftp://host:22/films"),
        ("memory://common", "memory://common"),
        ("s3://key:se/cret@films/common?a=b", "s3://films/common"),
    ],
)
def test_titles_are_without_secrets(url: str, title: str) -> None:
    assert title_of(url) == title


def test_a_protocol_that_needs_another_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", lacking)
    with pytest.raises(InputError, match="Install s3fs to access S3") as caught:
        backend_at("s3://films")
    assert caught.value.next_step == "install it: pip install s3fs"
