"""A bucket of S3: what it promises, and how it is told that it does not keep that."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callsheet.errors import InputError
from callsheet.runtime.remote_store.backend import Backend, Missing, Refusing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.bucket import Bucket
from tests.s3 import AWAY, DENIED, ENVIRONMENT, S3, WRONG_KEY, error


@pytest.fixture
def place(s3: S3) -> Backend:
    return backend_at(s3.url)


def test_it_keeps_what_a_store_promises(place: Backend, s3: S3, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 3_000_000)
    assert place.put("blobs/ab/cd", file) and not place.put("blobs/ab/cd", file)
    assert place.put("blobs/ab/cd", file, again=True)
    assert b"".join(place.read("blobs/ab/cd")) == file.read_bytes()
    assert place.write("keys/a", b"first", first=True) and not place.write("keys/a", b"other", first=True)
    assert place.write("keys/a", b"third", first=False)
    there = {entry.name: (entry.size, entry.time is not None) for entry in place.entries()}
    assert there == {"blobs/ab/cd": (3_000_000, True), "keys/a": (5, True)}
    assert [entry.name for entry in place.entries("keys")] == ["keys/a"]
    place.remove(["keys/a", "keys/b"])
    with pytest.raises(Missing):
        b"".join(place.read("keys/a"))
    assert s3.objects().keys() == {"blobs/ab/cd"}


def test_of_several_writers_exactly_one_wins(place: Backend, s3: S3) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = [*pool.map(lambda i: place.write("keys/ab", b"%d" % i, first=True), range(32))]
    assert won.count(True) == 1 and won[int(b"".join(place.read("keys/ab")))]


def test_a_writer_that_meets_another_tries_again(place: Backend, s3: S3) -> None:
    met = [error(409, "ConditionalRequestConflict", "a conflicting operation")] * 2
    s3.fault = lambda method, path: met.pop() if method == "PUT" and met else None
    assert place.write("keys/ab", b"x", first=True) and not met


def test_what_it_can_do_is_tried(place: Backend, s3: S3) -> None:
    assert [place.access(), place.access()] == [place.access()] * 2
    assert place.access().once and not place.access().writes
    assert s3.objects().keys() == {"store.json"}


def test_a_server_that_passes_over_the_condition_is_found_out(
    place: Backend, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(place, Bucket)
    pipe = place.files.pipe_file
    monkeypatch.setattr(place.files, "pipe_file", lambda path, content, mode="": pipe(path, content))
    monkeypatch.setattr(place, "_creates", True)
    assert not place.access().once


def test_a_bucket_that_may_only_be_read_says_so(place: Backend, s3: S3) -> None:
    s3.put("keys/a", b"x")
    s3.fault = lambda method, path: DENIED if method == "PUT" else None
    access = place.access()
    assert "cannot be written: Access Denied" in access.writes and not access.once
    assert b"".join(place.read("keys/a")) == b"x"


@pytest.mark.parametrize("answer", [DENIED, WRONG_KEY], ids=["no right", "a wrong key"])
def test_a_bucket_that_says_no_is_refused(place: Backend, s3: S3, answer: tuple[int, bytes]) -> None:
    s3.fault = lambda method, path: answer
    with pytest.raises(Refusing) as caught:
        place.access()
    assert caught.value.next_step.startswith("the key needs the right to list, read and write there")


def test_a_bucket_that_does_not_exist_is_refused(s3: S3) -> None:
    place = backend_at("s3://no-such-bucket-here/films")
    for act in (place.access, lambda: b"".join(place.read("keys/a")), lambda: [*place.entries()]):
        with pytest.raises(Refusing, match="The specified bucket does not exist") as caught:
            act()
        assert "make the bucket first" in caught.value.next_step


def test_a_bucket_that_is_away_may_come_back(place: Backend, s3: S3, tmp_path: Path) -> None:
    s3.fault = lambda method, path: AWAY
    for act in (
        place.access,
        lambda: b"".join(place.read("keys/a")),
        lambda: place.put("blobs/ab", Path(__file__)),
        lambda: place.write("keys/a", b"x", first=True),
    ):
        with pytest.raises(Unreachable) as caught:
            act()
        assert not isinstance(caught.value, Refusing)


def test_without_a_key_it_says_so(s3: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    s3fs = pytest.importorskip("s3fs")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        with pytest.raises(Refusing, match="Unable to locate credentials"):
            backend_at(s3.url).access()
    finally:
        s3fs.S3FileSystem.clear_instance_cache()


def test_keys_are_never_printed(place: Backend, s3: S3) -> None:
    key, secret = ENVIRONMENT["AWS_ACCESS_KEY_ID"], ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]
    s3.fault = lambda method, path: error(
        403, "AccessDenied", f"{key} with {secret} and {s3.url}?X-Amz={key}"
    )
    with pytest.raises(Refusing) as caught:
        place.access()
    assert key not in str(caught.value) and secret not in str(caught.value)
    with pytest.raises(InputError) as refused:
        backend_at(f"s3://{key}:{secret}@films/common")
    assert key not in str(refused.value) and "planted" not in str(refused.value)
    assert "s3://films/common has a user or a key in it" in refused.value.message


def test_names_are_not_from_a_list_of_earlier(place: Backend, s3: S3) -> None:
    """Of fsspec: what was listed once would be believed for as long as the process lives."""
    s3.put("keys/a", b"x")
    assert len([*place.entries()]) == 1
    s3.client.delete_object(Bucket=s3.bucket, Key="common/keys/a")
    assert place.write("keys/a", b"y", first=True) and [*place.entries()]
    s3.put("keys/b", b"x")
    assert len([*place.entries()]) == 2
