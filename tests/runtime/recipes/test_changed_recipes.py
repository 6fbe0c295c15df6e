"""Recipes from git that changed, name each other, or are for another callsheet; nothing is bought."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet import check
from callsheet.cli import main as cli
from callsheet.emulator import Emulator
from callsheet.spec.permissions import PERMISSIONS, Permissions
from tests.lock_files import read
from tests.runtime.recipes.test_git import Repo

BOARD = """
callsheet: 1
inputs: {hero: {type: string}, look: {type: string, default: ink}}
nodes:
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ inputs.hero }}, ${{ inputs.look }}"}
outputs: {card: "${{ card.images[0] }}"}
"""
FILM = """
callsheet: 1
name: film
nodes:
  a:
    uses: %s
    with: {hero: a fox, look: chalk}
    override: {card: {uses: fal-ai/flux/dev}}
outputs: {card: "${{ a.card }}"}
"""


@pytest.fixture(autouse=True)
def fetched() -> Iterator[None]:
    token = PERMISSIONS.set(Permissions(fetch="any"))
    yield
    PERMISSIONS.reset(token)


@pytest.fixture
def repo(seller: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    found = Repo(tmp_path / "looks")
    found.commit(board_yaml=BOARD)
    return found


@pytest.fixture
def film(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film that is pinned to the first commit."""
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM % repo.uses())
    assert check("film.yaml").ok
    return Path("film.yaml")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(words))
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        (
            "look: {type: string, default: ink}",
            "style: {type: string, default: ink}",
            "7:25",
            "no parameter `look`",
        ),
        (
            "hero: {type: string}",
            "hero: {type: string}, light: {type: string}",
            "6:11",
            "`light` (string) is missing",
        ),
        ("  card:", "  still:", "8:16", "the recipe has no node `card`"),
        ("callsheet: 1", "callsheet: 1\noverride: []", "8:16", "does not let `card` be overridden"),
    ],
)
def test_an_upgrade_that_breaks_the_film(
    repo: Repo, film: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, place: str, says: str
) -> None:
    """It is said at the user's line, and the lock stays at what works."""
    lock = read(Path("film.lock.yaml"))
    text = BOARD.replace(old, new).replace("inputs.look", "inputs.style" if "style" in new else "inputs.look")
    repo.commit(board_yaml=text.replace("${{ card", "${{ still") if "still" in new else text)
    code, text = said(capsys, "lock", "film.yaml", "--upgrade", "recipes")
    assert code == 1 and f"film.yaml:{place}" in text and says in text
    assert read(Path("film.lock.yaml")) == lock and check("film.yaml").ok


def test_a_recipe_for_a_newer_callsheet(repo: Repo, film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer = BOARD.replace("callsheet: 1", 'callsheet: 1\nrequires: ">=99"\nscenes: new').replace("${{", "$[[")
    repo.commit(board_yaml=newer)
    code, text = said(capsys, "lock", "film.yaml", "--upgrade", "recipes")
    assert code == 1 and "1 error" in text and "requires callsheet >=99" in text
    assert "board.yaml:3:11" in text and "used at film.yaml:6:11" in text


def test_an_input_that_will_go(repo: Repo, film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit(board_yaml=BOARD.replace("default: ink", "default: ink, deprecated: say it in `hero`"))
    assert said(capsys, "lock", "film.yaml", "--upgrade", "recipes")[0] == 0
    (warning,) = check("film.yaml").diagnostics
    assert (warning.code, warning.span.text, warning.help) == ("input-deprecated", "look", "say it in `hero`")


@pytest.fixture
def two(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Repo, Repo]]:
    """Two repositories under addresses as on a host, which git of this machine finds in its folders."""
    other = Repo(tmp_path / "people")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file:https")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{tmp_path}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://git.test/")
    yield repo, other


def uses(repo: Repo, path: str = "board.yaml") -> str:
    return f"git+https://git.test/{repo.folder.name}@main#{path}"


def test_recipes_of_two_repositories(
    two: tuple[Repo, Repo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe from git uses one of another repository; its nodes are overridden through both."""
    looks, people = two
    people.commit(
        who_yaml=f"""
callsheet: 1
nodes: {{board: {{uses: "{uses(looks)}", with: {{hero: mara}}}}}}
outputs: {{card: "${{{{ board.card }}}}"}}
"""
    )
    monkeypatch.chdir(tmp_path)
    Path("callsheet.toml").touch()
    film = (FILM % uses(people, "who.yaml")).replace("with: {hero: a fox, look: chalk}", "")
    Path("film.yaml").write_text(film.replace("{card: {uses", "{board/card: {uses"))
    found = check("film.yaml")
    assert found.graph is not None, found.diagnostics
    assert found.graph.instances["a/board/card"].spec.uses == "fal-ai/flux/dev"
    assert len(read(Path("film.lock.yaml")).recipes) == 2


def test_two_repositories_that_name_each_other(
    two: tuple[Repo, Repo], seller: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, people = two
    circle = "callsheet: 1\nnodes: {x: {uses: '%s'}}\noutputs: {card: '${{ x.card }}'}\n"
    looks.commit(board_yaml=circle % uses(people, "who.yaml"))
    people.commit(who_yaml=circle % uses(looks))
    monkeypatch.chdir(tmp_path)
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text((FILM % uses(looks)).replace("with: {hero: a fox, look: chalk}", ""))
    found = check("film.yaml")
    (said,) = [d for d in found.diagnostics if d.code == "recipe-circle"]
    assert found.graph is None and "board.yaml → who.yaml → board.yaml" in said.message
    assert said.span.source.path.name == "who.yaml" and "film.yaml:6:11" in said.notes[-1]
    assert not seller.posts
