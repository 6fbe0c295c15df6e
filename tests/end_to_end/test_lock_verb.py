"""`callsheet lock`, as it is typed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.main import main
from callsheet.runtime.lock import lock_path
from tests.end_to_end.story import STORY, seeded
from tests.lock_files import DAWN, DUSK, SEEN, decided, read, text

FILM = seeded(STORY)
SETTLED = "film.lock.yaml: merge conflicts are resolved\nfilm.lock.yaml: 5 instances, unchanged\n"
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types `callsheet lock film.yaml` and more; (exit code, standard output, standard error)."""
    monkeypatch.chdir(project.folder)

    def type_it(*more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["lock", "film.yaml", *more])
        return (int(left.value.code or 0), *capsys.readouterr())

    return type_it


@pytest.fixture
def film(project: Any) -> Any:
    """A film that was made."""
    assert project.write(FILM).run().status == "done"
    return project


def test_it_is_written_anew_for_free(film: Any, typed: Typed) -> None:
    path, before = lock_path(film.file), lock_path(film.file).read_bytes()
    assert typed() == (0, "film.lock.yaml: 5 instances, unchanged\n", "")
    path.unlink()
    assert typed() == (0, "film.lock.yaml: 5 instances, written\n", "")
    assert path.read_bytes() == before
    (film.state / "cache.db").unlink()
    path.unlink()
    typed()
    assert read(path).instances.keys() - {"film"} == {DAWN, DUSK, 'clip["dawn"]', 'clip["dusk"]'}
    assert film.posts == 4


def test_what_is_not_here_stays_as_it_was(film: Any, typed: Typed) -> None:
    before = lock_path(film.file).read_bytes()
    film.forget()
    code, out, _ = typed()
    assert code == 0
    assert out == "film.lock.yaml: 5 instances, unchanged\n"
    assert lock_path(film.file).read_bytes() == before


def test_the_two_sides_of_a_merge_are_settled(film: Any, typed: Typed) -> None:
    path = lock_path(film.file)
    whole = read(path)
    ours = text(decided(whole, DAWN, approved=SEEN)).splitlines(keepends=True)
    (a,) = set(ours) - set(text(whole).splitlines(keepends=True))
    (b,) = set(text(decided(whole, DAWN, takes=1)).splitlines(keepends=True)) - set(
        text(whole).splitlines(keepends=True)
    )
    path.write_text("".join(ours).replace(a, f"<<<<<<< HEAD\n{a}=======\n{b}>>>>>>> theirs\n"))
    assert typed("--check")[0] == 1
    assert typed() == (0, SETTLED, "")
    assert read(path) == decided(whole, DAWN, takes=1, approved=SEEN)
    path.write_text("".join(ours).replace(a, a + b))
    assert typed("--check")[0] == 0
    assert typed() == (0, "film.lock.yaml: 5 instances, unchanged\n", "")
    assert read(path) == decided(whole, DAWN, takes=1, approved=SEEN)


def test_what_is_broken_otherwise_is_not_touched(film: Any, typed: Typed) -> None:
    path = lock_path(film.file)
    path.write_text("lock: 1\ninstances: 3\n")
    code, _, err = typed()
    assert code == 1 and "film.lock.yaml:2:12: error[lock-value]" in err
    assert path.read_text() == "lock: 1\ninstances: 3\n"


class TestCheck:
    """Without the store, as in CI: the lock alone tells."""

    @pytest.fixture(params=["here", "elsewhere"])
    def film(self, film: Any, request: pytest.FixtureRequest) -> Any:
        if request.param == "elsewhere":
            shutil.rmtree(film.state)
        return film

    def test_they_agree(self, film: Any, typed: Typed) -> None:
        assert typed("--check") == (0, "film.lock.yaml and film.yaml agree\n", "")

    def test_a_change_and_what_follows_from_it(self, film: Any, typed: Typed) -> None:
        film.write(FILM.replace("at ${{ shot }}", "at ${{ 'noon' if shot == 'dusk' else shot }}"))
        code, out, err = typed("--check")
        assert (code, out) == (1, "")
        first, *rest = err.splitlines()
        assert first.startswith(f"film.lock.yaml: {DUSK}: the lock has the key ")
        assert rest == [
            f'film.lock.yaml: clip["dusk"]: {DUSK} differs, of which it is made',
            "  help: callsheet run film.yaml, then commit film.lock.yaml",
        ]

    def test_one_more_and_one_less(self, film: Any, typed: Typed) -> None:
        film.write(FILM.replace("'dawn', 'dusk'", "'dawn', 'noon'"))
        code, _, err = typed("--check")
        assert code == 1
        assert err.splitlines()[:2] == [
            'film.lock.yaml: keyframe["noon"]: it is not in the lock',
            'film.lock.yaml: clip["noon"]: it is not in the lock',
        ]
        film.write(FILM.replace("'dawn', 'dusk'", "'dawn'"))
        assert "in the lock, and not asked for: clip" in typed("--check")[1]

    def test_another_schema(self, film: Any, typed: Typed) -> None:
        path = lock_path(film.file)
        digest = read(path).endpoints["fal-ai/pika/v2.2/image-to-video"]
        path.write_text(path.read_text().replace(digest, digest[::-1]))
        code, out, _ = typed("--check")
        assert code == 0
        assert out == (
            "film.lock.yaml and film.yaml agree\n"
            "the next run notes today's schema of: fal-ai/pika/v2.2/image-to-video\n"
        )
        assert typed()[0] == 0
        assert typed("--check")[0] == 0

    def test_no_lock_at_all(self, film: Any, typed: Typed) -> None:
        lock_path(film.file).unlink()
        code, _, err = typed("--check")
        assert code == 1 and err.count("it is not in the lock") == 4

    def test_formatting_and_names_are_no_difference(self, film: Any, typed: Typed) -> None:
        film.write("# a film\n" + FILM.replace("with: {prompt: waves", "with: { prompt:   waves"))
        assert typed("--check")[0] == 0


def test_other_bytes_than_the_lock_names_are_a_difference(film: Any, typed: Typed) -> None:
    path, lock = lock_path(film.file), read(lock_path(film.file))
    digest = lock.block(DAWN).made.outputs["images[0]"]
    path.write_text(path.read_text().replace(digest, digest[::-1]))
    code, _, err = typed("--check")
    assert code == 1
    assert err.startswith('film.lock.yaml: clip["dawn"]: the lock has the key ')
    assert f"(input {DAWN} changed)" in err


def test_what_depends_on_facts_is_not_checked_without_the_store(project: Any, typed: Typed) -> None:
    fitted = FILM.replace("media/concat", "media/trim").replace(
        'videos: "${{ clip.video }}"',
        "video: \"${{ at(clip, 'dawn').video }}\", end: \"${{ at(clip, 'dawn').video.seconds - 1 }}\"",
    )
    project.write(fitted).run()
    assert typed("--check") == (0, "film.lock.yaml and film.yaml agree\n", "")
    project.forget()
    assert typed("--check") == (0, "film.lock.yaml and film.yaml agree\n", "")


def test_while_a_key_is_not_known_nothing_that_it_may_be_is_dropped(project: Any, typed: Typed) -> None:
    sized = FILM.replace("prompt: waves", 'prompt: "waves, ${{ keyframe.images[0].width }} wide"')
    project.write(sized).run()
    before = read(lock_path(project.file))
    project.forget()
    project.write(sized.replace("  clip:", "  zoom:").replace("clip.video", "zoom.video"))
    code, out, _ = typed()
    assert code == 0 and "dropped" not in out and 'no result here, so unchanged: zoom["dawn"]' in out
    after = read(lock_path(project.file))
    assert all(after.block(a).made == before.block(a).made for a in ('clip["dawn"]', 'clip["dusk"]'))


def test_everything_here_goes_to_a_shared_store(film: Any, typed: Typed, tmp_path: Path) -> None:
    store = str(tmp_path / "common")
    assert typed("--store", store)[:2] == (
        0,
        f"film.lock.yaml: 5 instances, unchanged\n{store}: 5 results uploaded, 0 were there\n",
    )
    assert typed("--store", store)[1].endswith("0 results uploaded, 5 were there\n")
    shutil.rmtree(film.state)
    assert typed("--check", "--store", store)[0] == 0


def test_a_store_that_takes_nothing_is_told(film: Any, typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = typed("--store", str(tmp_path / "file"))
    assert code == 3
    assert err.startswith("error: 5 of 5 results were not put into the shared store ")
