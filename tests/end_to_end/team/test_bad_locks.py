"""Lock files that are cut, doubled, from the future, of another film or hostile: nothing is bought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callsheet.cli.main import main
from callsheet.errors import PipelineError
from callsheet.runtime.lock import lock_path
from callsheet.runtime.lock.read import read
from tests.end_to_end.story import KEYFRAMES, seeded
from tests.lock_files import SEEN

FILM = (
    seeded(KEYFRAMES)
    + """\
outputs:
  stills: ${{ keyframe.images[0] }}
"""
)


@pytest.fixture
def film(project: Any) -> Any:
    """A film that was made."""
    assert project.write(FILM).run().status == "done"
    return project


@pytest.fixture
def typed(film: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Types a command; (exit code, standard error)."""
    monkeypatch.chdir(film.folder)

    def type_it(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)
        return int(left.value.code or 0), capsys.readouterr().err

    return type_it


@pytest.mark.parametrize("share", [0.2, 0.45, 0.7, 0.95])
def test_a_cut_lock_costs_nothing_and_is_whole_again(film: Any, share: float) -> None:
    path = lock_path(film.file)
    whole = path.read_text()
    path.write_text(whole[: int(len(whole) * share)])
    try:
        film.run()
    except PipelineError as error:
        assert all(found.span.place.startswith(str(path)) for found in error.errors)
        path.unlink()
        film.run()
    assert film.posts == 2
    assert path.read_text() == whole


def test_a_cut_lock_in_a_clone_is_completed_from_its_history(team: Callable[..., Any]) -> None:
    kept = team()
    clone = kept.clone("fresh")
    lines = clone.lock().splitlines(keepends=True)
    (clone.folder / "film.lock.yaml").write_text("".join(lines[: len(lines) // 2]))
    assert clone.to_buy() == []
    clone.type("lock", "film.yaml")
    assert clone.git("diff", "--stat") == ""


def test_a_doubled_lock_is_settled(film: Any, typed: Any) -> None:
    path = lock_path(film.file)
    whole = path.read_text()
    path.write_text(whole + whole)
    code, err = typed("plan", "film.yaml")
    assert code == 1 and "film.lock.yaml:" in err
    assert typed("lock", "film.yaml")[0] == 0
    assert path.read_text() == whole and film.posts == 2


def test_a_lock_from_the_future_is_refused_untouched(film: Any, typed: Any) -> None:
    path = lock_path(film.file)
    future = path.read_text().replace("lock: 2", "lock: 3").replace("usd: ", "eur: ")
    path.write_text(future)
    for words in (
        ("plan", "film.yaml"),
        ("run", "film.yaml", "--yes"),
        ("lock", "film.yaml"),
        ("lock", "film.yaml", "--ours", "all"),
        ("lock", "film.yaml", "--prune", "all"),
        ("retake", "film.yaml", 'keyframe["dawn"]'),
        ("approve", "film.yaml", "--all"),
        ("reject", "film.yaml", 'keyframe["dawn"]', "--why", "so"),
    ):
        code, err = typed(*words)
        assert code == 1 and "film.lock.yaml:2:7: error[language-version]: a newer callsheet" in err, words
    assert path.read_text() == future and film.posts == 2


def test_a_merge_with_a_lock_from_the_future_is_left_to_a_person(team: Callable[..., Any]) -> None:
    kept = team()
    newer, clone = kept.clone("newer").branch("newer"), kept.clone("mine", driver=True)
    path = newer.folder / "film.lock.yaml"
    path.write_text(newer.lock().replace("lock: 2", "lock: 3"))
    newer.commit().push("newer")
    clone.prompt("storm", "a storm at sea")
    clone.made()
    said = clone.git("fetch", "-q") + clone.git("merge", "--no-edit", "origin/newer", fails=True)
    assert clone.code != 0 and "error" in said
    before = clone.lock()
    assert "lock: 3" in before and before.count("- {made: ") >= 9
    for words in (("lock", "film.yaml"), ("plan", "film.yaml")):
        (error,) = clone.ask(*words).exception.errors[:1]
        assert error.code in ("language-version", "lock-conflict"), error
    assert clone.lock() == before


def test_the_lock_of_another_film_leaves_with_a_word(film: Any, typed: Any) -> None:
    film.write(FILM.replace("'dawn', 'dusk'", "'noon'").replace("keyframe", "still"))
    result = film.run()
    assert film.posts == 3
    assert [note for note in result.notes if "which had cost $0.1" in note and 'keyframe["dawn"]' in note]


HOSTILE = {
    "a take that is not there": f"{{pick: 'keyframe[\"dawn\"]', number: 999, digest: {SEEN}}}",
    "too many takes": "{takes: 'keyframe[\"dawn\"]', number: 999999}",
    "a negative number": "{takes: 'keyframe[\"dawn\"]', number: -1}",
    "a digest with a path": "{approve: a, digest: ../../../../etc/passwd}",
    "a tag": f"{{approve: a, digest: !!python/name:os.system {SEEN}}}",
    "an anchor": f"&a {{approve: a, digest: {SEEN}}}",
    "a merge key": "{<<: {made: a}}",
    "a bomb": "[" * 200,
    "no price": f"{{made: a, key: {SEEN}, uses: fal-ai/a, usd: .inf, outputs: {{}}}}",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_line_is_an_error_with_its_place(film: Any, typed: Any, what: str) -> None:
    path = lock_path(film.file)
    path.write_text(path.read_text() + f"\n- {HOSTILE[what]}\n")
    before = path.read_bytes()
    code, err = typed("run", "film.yaml", "--yes")
    assert code == 1 and ("film.lock.yaml:" in err or "film.yaml:" in err), err
    assert film.posts == 2 and path.read_bytes() == before


def test_what_a_lock_says_reaches_no_terminal_as_it_is(film: Any, typed: Any) -> None:
    path = lock_path(film.file)
    for number in (1, 2):
        said = 'by: "\\e[31mroot\\a", note: "\\U0000202Eevil"'
        line = f"- {{pick: 'keyframe[\"dawn\"]', number: {number}, {said}}}\n"
        path.write_text(path.read_text() + line)
    code, err = typed("plan", "film.yaml")
    assert code == 1 and "lock-dispute" in err
    assert "\x1b[31m" not in err and "\u202e" not in err and "\a" not in err


def test_a_lock_of_very_many_lines_is_read(film: Any, long: bool) -> None:
    path = lock_path(film.file)
    count = 1_000_000 if long else 4_000
    body = "".join(f"- {{takes: 's{i}', number: 2}}\n" for i in range(count))
    path.write_text(path.read_text() + body)
    assert len(read(path).lines) > count
    path.write_text(path.read_text() + "- {takes: broken}\n")
    with pytest.raises(PipelineError) as caught:
        read(path)
    assert caught.value.errors[0].code == "missing-key"
