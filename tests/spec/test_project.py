"""Which folder is the project: the same one, wherever a command is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.spec.project import from_root, outer_project, project_root, with_home


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """tmp/a/b/c, with tmp/a/b/c the place of the pipeline."""
    (tmp_path / "a/b/c").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_alone_it_is_the_folder_itself(tree: Path) -> None:
    assert project_root(Path("a/b/c")) == Path("a/b/c")
    assert project_root(Path()) == Path()


@pytest.mark.parametrize(
    ("marks", "root"),
    [
        (["a/.git/"], "a"),
        (["a/.git"], "a"),
        (["a/.git/", "a/b/.callsheet/"], "a/b"),
        (["a/.callsheet/", "a/b/.git/"], "a"),
        (["a/.callsheet/", "a/b/c/.callsheet/"], "a/b/c"),
        (["a/callsheet.toml", "a/b/c/.callsheet/", "a/b/.git/"], "a"),
        (["a/callsheet.toml", "a/b/callsheet.toml"], "a/b"),
    ],
)
def test_the_strongest_mark_and_of_these_the_nearest(
    marks: list[str], root: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mark in marks:
        if mark.endswith("/"):
            (tree / mark).mkdir()
        else:
            (tree / mark).write_text("")
    for here in (tree, tree / "a", tree / "a/b/c"):
        monkeypatch.chdir(here)
        assert project_root(tree / "a/b/c").resolve() == (tree / root).resolve()


def test_the_home_folder_is_no_project_of_what_lies_in_it(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tree / "a"))
    (tree / "a/.git").mkdir()
    (tree / ".callsheet").mkdir()
    assert project_root(Path("a/b/c")) == Path("a/b/c")
    assert project_root(Path("a")) == Path("a")


def test_a_folder_of_another_owner_ends_the_search(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "a/.git").mkdir()
    stat = Path.stat

    class Foreign:
        def __init__(self, status: object) -> None:
            self.st_dev, self.st_uid, self.st_mode = status.st_dev, 4711, status.st_mode  # type: ignore[attr-defined]

    monkeypatch.setattr(
        Path, "stat", lambda path, **how: Foreign(stat(path)) if path.name == "a" else stat(path, **how)
    )
    assert project_root(Path("a/b/c")) == Path("a/b/c")


def test_a_path_from_the_root(tree: Path) -> None:
    assert from_root(Path("a/b/film.yaml"), Path("a")) == Path("b/film.yaml")


@pytest.mark.parametrize(
    ("marks", "outer"),
    [
        (["a/callsheet.toml", "a/b/callsheet.toml"], "a"),
        (["a/.callsheet/", "a/b/.callsheet/"], "a"),
        (["a/.callsheet/", "a/b/callsheet.toml"], None),
        (["a/.git/", "a/b/callsheet.toml"], None),
        (["a/callsheet.toml"], None),
        ([], None),
    ],
)
def test_a_project_inside_of_another(
    marks: list[str], outer: str | None, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mark in marks:
        (tree / mark).mkdir() if mark.endswith("/") else (tree / mark).write_text("")
    found = outer_project(project_root(tree / "a/b/c"))
    assert (found and found.resolve()) == (outer and (tree / outer).resolve())


def test_the_home_of_an_unknown_user_stays_as_it_is_written() -> None:
    assert with_home("~/team") == Path.home() / "team"
    assert with_home("~nobody-is-called-so/team") == Path("~nobody-is-called-so/team")
