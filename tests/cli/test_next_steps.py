"""What a message says to type next can be typed: names with blanks are one word of the person's shell."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

import callsheet as api
from callsheet.cli.main import main
from callsheet.errors import CallsheetError, InputError
from callsheet.spec import shell
from callsheet.spec.rules import instances, lock, models, recipes, values
from callsheet.spec.rules.rule import Problem

FILM = Path("my films/the film.yaml")
TEXT = """callsheet: 1
name: promo
nodes:
  words: {uses: text/split, with: {text: a lamp}}
outputs: {words: "${{ words.parts }}"}
"""
Typed = Callable[..., str]


@pytest.fixture
def typed(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """A film in a folder with a blank in its name; types `callsheet` and more, and gives what it printed."""
    FILM.parent.mkdir()
    FILM.write_text(TEXT)

    def type_it(*words: str) -> str:
        with pytest.raises(SystemExit):
            main(list(words))
        return "".join(capsys.readouterr())

    return type_it


def word_in(text: str, *wanted: str) -> bool:
    """Whether the shell reads `wanted` in a text, each as one word."""
    return set(wanted) <= set(shlex.split(text.replace("`", " ").replace(";", " ").replace("…", " ")))


def test_commands_name_files_as_one_word(typed: Typed) -> None:
    assert word_in(typed("plan", str(FILM), "-o", "a plan.json").splitlines()[-1], "a plan.json")
    made = typed("init", "another one")
    assert word_in(made.splitlines()[-1], "another one")
    assert word_in(typed("init", "another one").splitlines()[-1], "callsheet")
    assert word_in(typed("run", str(FILM), "--from-lock").splitlines()[-1], str(FILM))
    assert word_in(typed("export", str(FILM)).splitlines()[-1], str(FILM))
    assert word_in(typed("review", str(FILM), "--export", "page.html").splitlines()[-1], str(FILM))


def test_errors_name_files_and_addresses_as_one_word(typed: Typed) -> None:
    with pytest.raises(InputError) as found:
        api.reject(FILM, 'clip["a b"]', why=" ")
    assert word_in(found.value.next_step, str(FILM), 'clip["a b"]')
    with pytest.raises(CallsheetError) as archived:
        api.archive(FILM, "film.tar")
    assert word_in(archived.value.next_step, str(FILM))


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (lambda: instances.no_such_take("f", 3, 'clip["it\'s"]', 2), 'clip["it\'s"]'),
        (lambda: lock.left_by_merge(["a"], "the film.yaml"), "the film.yaml"),
        (lambda: models.gone("a b; rm", "May", None), "a b; rm"),
        (lambda: values.unlisted_parameter("a $(b)", "x"), "a $(b)"),
        (lambda: recipes.other_callsheet(">= 2, < 3", "1"), "callsheet>=2,<3"),
    ],
)
def test_rules_name_what_a_file_says_as_one_word(problem: Callable[[], Problem], word: str) -> None:
    assert shell.quoted(word) != word and shell.quoted(word) in problem().help
