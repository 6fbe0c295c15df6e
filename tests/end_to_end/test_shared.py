"""One pays, the others have it: two checkouts of a project, and what they share."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.errors import InputError
from callsheet.runtime.lock import lock_path
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.store import atomic as disk
from callsheet.spec.permissions import PERMISSIONS
from tests.end_to_end.story import STORY, seeded
from tests.lock_files import read, write

DAWN = 'keyframe["dawn"]'


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "common")


@pytest.fixture
def ours(project: Any, store: str) -> Any:
    """A project that made everything, and shares it."""
    assert project.write(STORY).run(store=store).status == "done"
    return project


@pytest.fixture
def theirs(ours: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Makes a fresh checkout of the repository: the pipeline and its lock, no key, nothing else."""

    def checkout() -> Any:
        folder = tmp_path / "theirs"
        folder.mkdir()
        monkeypatch.delenv("FAL_KEY", raising=False)
        ours.provider.reset()
        return ours.clone(folder)

    return checkout


def files(store: str) -> list[Path]:
    return sorted(path for path in Path(store).rglob("*") if path.is_file())


def blobs(project: Any) -> dict[str, str]:
    return {path.name: disk.digest(path) for path in (project.state / "blobs").glob("??/*")}


def spoil(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_colleague_pays_nothing_and_needs_no_key(ours: Any, theirs: Any, store: str) -> None:
    b = theirs()
    result = b.run(store=store)
    assert (result.status, result.notes, b.posts) == ("done", (), 0)
    assert all(event.reused for event in b.finished.values()) and len(b.finished) == 5
    assert blobs(b) == blobs(ours)
    assert lock_path(b.file).read_bytes() == lock_path(ours.file).read_bytes()
    assert b.run().status == "done"


def test_the_same_as_it_is_typed(theirs: Any, store: str) -> None:
    b = theirs()
    planned, _ = b.command("plan", "film.yaml", "-v", CALLSHEET_STORE=store).communicate()
    assert planned.count("in the shared store") == 5 and planned.endswith("nothing to make: 5 reused\n")
    assert not (b.state / "blobs").exists()
    told, wrong = b.command("run", "film.yaml", "--store", store, "--output", "plain").communicate()
    assert "done: 5 reused" in told and wrong == ""
    b.forget()
    shutil.rmtree(store)
    assert b.command("run", "film.yaml", "--store", store, "--output", "quiet").communicate()[1] == (
        f"error: {DAWN} and 1 more would be paid for again: the lock names the result, but the shared store"
        f" {store} does not give it: there is no folder {store}\n"
        "  help: put it there from where it was made (callsheet lock FILE --store …), or add --buy-again\n"
    )


def test_only_what_is_new_is_bought(theirs: Any, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    b = theirs()
    monkeypatch.setenv("FAL_KEY", "k")
    b.write(STORY.replace("['dawn', 'dusk']", "['dawn', 'noon', 'dusk']")).run(store=store)
    assert b.accepted == {"a lighthouse at noon": 1, "waves": 1}


def test_a_renamed_node_is_not_paid_again(theirs: Any, store: str) -> None:
    b = theirs()
    b.write(STORY.replace("keyframe", "still")).run(store=store)
    assert b.posts == 0 and b.kinds == {"done": 5}


def test_what_nobody_foresaw_is_taken_when_it_is_needed(
    project: Any, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keyframes are bought anew and come out the same, so the clips are those of the lock."""
    refreshed = seeded(STORY).replace("seed: 7}", "seed: 7}\n    cache: refresh")
    assert project.write(refreshed).run(store=store).status == "done"
    folder = tmp_path / "theirs"
    folder.mkdir()
    for path in (project.file, lock_path(project.file)):
        shutil.copy(path, folder)
    project.provider.reset()
    b = type(project)(folder, project.provider)
    assert b.run(store=store).status == "done"
    assert b.accepted == {"a lighthouse at dawn": 1, "a lighthouse at dusk": 1}
    b.forget()
    for path in files(store):
        if path.suffix == ".json":
            path.unlink()
    assert b.run(store=store).status == "failed"
    assert {f.message.split(":")[0] for f in b.failures.values()} == {"it would be paid for again"}


def test_what_was_brought_can_be_shown_to_a_provider(
    theirs: Any, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = theirs()
    monkeypatch.setenv("FAL_KEY", "k")
    b.write(STORY.replace("prompt: waves", "prompt: storm")).run(store=store)
    assert b.accepted == {"storm": 2} and b.uploads == 2


def test_a_preview_neither_gives_nor_takes(project: Any, store: str) -> None:
    project.write(STORY)
    callsheet.run(project.file, preview=True, out=project.out, state=project.state, store=store)
    assert not Path(store).exists()


def test_what_the_store_lacks_is_not_paid_again_unasked(
    theirs: Any, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = theirs()
    shutil.rmtree(store)
    with pytest.raises(InputError) as caught:
        b.run(store=store)
    assert caught.value.message == (
        f"{DAWN} and 1 more would be paid for again: the lock names the result, but the shared store {store}"
        f" does not give it: there is no folder {store}"
    )
    assert "--buy-again" in caught.value.next_step and b.posts == 0
    monkeypatch.setenv("FAL_KEY", "k")
    assert b.run(store=store, pay_again=True).status == "done"
    assert b.posts == 4


HOSTILE = {
    "no JSON": b"{",
    "deep": b"[" * 100_000,
    "another version": b'{"callsheet": 2, "outputs": ["object", {}]}',
    "no outputs": b'{"callsheet": 1, "outputs": ["object", {}]}',
    "another type": b'{"callsheet": 1, "outputs": ["object", {"images": ["value", "x"]}]}',
}


@pytest.mark.parametrize("record", [*HOSTILE.values()], ids=[*HOSTILE])
def test_a_record_that_is_none_is_refused(theirs: Any, store: str, record: bytes) -> None:
    b = theirs()
    for path in files(store):
        if path.suffix == ".json":
            spoil(path, record)
    with pytest.raises(InputError, match="its record is refused"):
        b.run(store=store)


def test_a_record_that_disagrees_with_the_lock_is_refused(theirs: Any, store: str) -> None:
    b = theirs()
    for path in files(store):
        if path.suffix == ".json":
            spoil(path, other(json.loads(path.read_bytes())))
    with pytest.raises(InputError, match="it is not what the lock names"):
        b.run(store=store)


def other(said: Any) -> bytes:
    """The same record with another digest of each file."""

    def turned(value: Any) -> Any:
        match value:
            case ["media", known]:
                return ["media", {**known, "digest": known["digest"][::-1]}]
            case list():
                return [turned(v) for v in value]
            case dict():
                return {name: turned(v) for name, v in value.items()}
        return value

    return json.dumps(turned(said)).encode()


def test_a_record_cannot_name_a_path(theirs: Any, store: str, tmp_path: Path) -> None:
    b = theirs()
    for path in files(store):
        if path.suffix == ".json":
            text = path.read_text()
            spoil(path, text.replace('"suffix":".png"', '"suffix":"/../../../../planted.png"').encode())
    with pytest.raises(InputError, match="its record is refused"):
        b.run(store=store)
    assert not [*tmp_path.rglob("planted*")]


@pytest.mark.parametrize("content", [b"", b"not an image", b"x" * 100_000])
def test_a_file_that_is_not_what_its_name_says_is_refused(theirs: Any, store: str, content: bytes) -> None:
    b = theirs()
    for path in files(store):
        if path.suffix != ".json":
            spoil(path, content)
    with pytest.raises(InputError, match="a file in it is damaged"):
        b.run(store=store)
    assert not [*(b.state / "blobs").glob("??/*")]


def test_a_file_that_is_too_large_is_refused(
    theirs: Any, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = theirs()
    monkeypatch.setattr("callsheet.runtime.remote_store.store.CAPS", {"image": 10, "video": 10})
    with pytest.raises(InputError, match="it is larger than 0 MiB"):
        b.run(store=store)


def test_a_damaged_local_result_is_made_again_for_free(ours: Any, theirs: Any, store: str) -> None:
    b = theirs()
    film = read(lock_path(ours.file)).block("film").made.outputs["video"]
    spoil(Path(store) / "blobs" / film[:2] / film[2:], b"")
    result = b.run(store=store)
    assert (result.status, b.posts) == ("done", 0)
    assert [event.address for event in b.finished.values() if not event.reused] == ["film"]
    assert result.notes == (
        f"1 result that the lock names could not be taken from the shared store {store}:"
        " a file in it is damaged",
    )


def test_a_store_that_cannot_be_written_does_not_stop_the_run(project: Any, tmp_path: Path) -> None:
    store = tmp_path / "full"
    store.mkdir()
    for name in ("blobs", "records", "keys"):
        (store / name).write_text("nothing can be put here")
    result = project.write(STORY).run(store=str(store))
    assert result.status == "done"
    assert len(result.notes) == 1 and "5 of 5 results were not put into" in result.notes[0]


def test_who_believes_only_the_lock_does_not_take_what_it_does_not_name(theirs: Any, store: str) -> None:
    b = theirs()
    write(replace(read(lock_path(b.file)), instances={}), lock_path(b.file))
    before = PERMISSIONS.set(replace(PERMISSIONS.get(), store="own"))
    try:
        with pytest.raises(InputError, match="FAL_KEY"):
            b.run(store=store)
    finally:
        PERMISSIONS.reset(before)
    assert b.run(store=store).status == "done" and b.posts == 0


def test_two_who_put_the_same_there_at_once(ours: Any, store: str) -> None:
    before = {path: path.read_bytes() for path in files(store)}
    blob = next(path for path in before if path.suffix != ".json")
    local = ours.folder / "blob"
    local.write_bytes(before[blob])
    blob.unlink()
    name = blob.relative_to(store).as_posix()
    with ThreadPoolExecutor(16) as pool:
        new = [*pool.map(lambda _: backend_at(store).put(name, local), range(64))]
    assert any(new)
    assert {path: path.read_bytes() for path in files(store)} == before


@pytest.mark.parametrize("url", ["memory://common", "file://{tmp}/bucket"])
def test_a_store_behind_a_url(
    project: Any, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url.format(tmp=tmp_path)
    project.write(STORY).run(store=url)
    assert project.posts == 4
    shutil.rmtree(project.state)
    monkeypatch.delenv("FAL_KEY")
    result = project.run(store=url)
    assert (result.status, result.notes, project.posts) == ("done", (), 4)
    assert project.run(store=url).status == "done"


def test_a_url_that_nothing_reaches(project: Any) -> None:
    project.write(STORY)
    with pytest.raises(InputError, match="nowhere://x is no store: Protocol not known: nowhere"):
        project.run(store="nowhere://user:secret@x?token=secret")


def test_without_fsspec_a_url_says_what_to_install(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(InputError) as caught:
        project.write(STORY).run(store="s3://films")
    assert caught.value.message == "a store at s3://films needs fsspec"
    assert "callsheet[store]" in caught.value.next_step


FALLBACK = """
callsheet: 1
name: film
nodes:
  keyframe:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a lighthouse}
  spare:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: another lighthouse}
  clip:
    uses: fal-ai/kling-video/v2.5-turbo/pro/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}"}
    fallback:
      - uses: fal-ai/pika/v2.2/image-to-video
        with: {prompt: waves, image_url: "${{ keyframe.images[0] }}"}
      - uses: media/image_to_video
        with: {image: "${{ spare.images[0] }}", move: zoom_in, seconds: 0.5}
outputs:
  film: ${{ clip.video }}
"""


@pytest.fixture
def refused(project: Any, store: str) -> Any:
    """A project in which another model stood in for one that refused."""
    project.provider.fault("http_422", endpoint="fal-ai/kling-video*")
    assert project.write(FALLBACK).run(store=store).status == "done"
    project.heal()
    return project


def test_what_stood_in_for_what_was_refused_is_not_paid_again(
    refused: Any, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = read(lock_path(refused.file)).block("clip").made
    assert made.uses == "fal-ai/pika/v2.2/image-to-video" and len(made.refused) == 1
    folder = tmp_path / "theirs"
    folder.mkdir()
    for path in (refused.file, lock_path(refused.file)):
        shutil.copy(path, folder)
    monkeypatch.delenv("FAL_KEY")
    posts = refused.posts
    b = type(refused)(folder, refused.provider)
    assert b.command("lock", "film.yaml", "--check").communicate() == (
        "film.lock.yaml and film.yaml agree\n",
        "",
    )
    result = b.run(store=store)
    assert (result.status, result.notes, b.posts) == ("done", (), posts)
    assert lock_path(b.file).read_bytes() == lock_path(refused.file).read_bytes()
    assert (
        b.command("lock", "film.yaml").communicate()[0].startswith("film.lock.yaml: 2 instances, unchanged")
    )
    b.forget()
    for path in files(store):
        if made.key[2:] in path.name:
            path.unlink()
    with pytest.raises(InputError, match=r"^clip would be paid for again"):
        b.run(store=store)


def test_what_was_refused_is_asked_again_once_it_is_another_request(refused: Any, store: str) -> None:
    shutil.rmtree(refused.state)
    refused.provider.reset()
    refused.write(FALLBACK.replace("waves", "storm", 1)).run(store=store)
    assert refused.accepted == {"storm": 1}
    made = read(lock_path(refused.file)).block("clip").made
    assert made.uses == "fal-ai/kling-video/v2.5-turbo/pro/image-to-video" and not made.refused


GROWING = """
callsheet: 1
name: film
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 6}
nodes:
  script:
    uses: text/chat
    with:
      prompt: Shots of a lighthouse.
      schema: {shots: {type: list, items: {id: string, prompt: string}, maximum: 6}}
  card: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ shot.prompt }}"}}
outputs:
  cards: ${{ card.images }}
"""


def test_a_film_that_writes_its_own_shots_is_shared_whole(
    project: Any, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.write(GROWING).run(store=store).status == "done"
    lock = lock_path(project.file).read_bytes()
    count = len(project.finished)
    assert count > 2 and len(read(lock_path(project.file)).instances) == count
    assert "unchanged" in project.command("lock", "film.yaml").communicate()[0]
    shutil.rmtree(project.state)
    monkeypatch.delenv("FAL_KEY")
    posts = project.posts
    assert project.command("lock", "film.yaml", "--check").communicate()[1] == ""
    assert f"{count} instances, unchanged" in project.command("lock", "film.yaml").communicate()[0]
    assert project.run(store=store).status == "done"
    assert (project.posts, len(project.finished)) == (posts, count)
    assert lock_path(project.file).read_bytes() == lock
