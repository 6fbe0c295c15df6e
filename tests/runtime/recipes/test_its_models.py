"""Descriptions of models that travel with a recipe: from git, in a folder, and made to do harm."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import callsheet
from callsheet.cli import main as cli
from callsheet.emulator import Emulator
from callsheet.spec.permissions import PERMISSIONS, Permissions
from tests.runtime.recipes.test_git import Repo

OWN = "acme/brush"
RECIPE = f"""
callsheet: 1
examples: {{fox: {{hero: a fox}}}}
inputs: {{hero: {{type: string}}}}
nodes:
  card: {{uses: {OWN}, with: {{prompt: "${{{{ inputs.hero }}}}", strength: 3}}}}
outputs: {{card: "${{{{ card.images[0] }}}}"}}
"""
FILM = "callsheet: 1\nnodes: {a: {uses: '%s', with: {hero: a fox}}}\noutputs: {card: '${{ a.card }}'}\n"


def description(endpoint: str, **parameters: object) -> str:
    """An OpenAPI document as fal has it, of a model for pictures."""
    image = {"type": "object", "properties": {"url": {"type": "string"}}, "title": "Image"}
    inputs = {
        "type": "object",
        "properties": {"prompt": {"type": "string"}, **parameters},
        "required": ["prompt"],
    }
    outputs = {"type": "object", "properties": {"images": {"type": "array", "items": image}}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Input"}}}}
    result = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Output"}}}}
    return json.dumps(
        {
            "openapi": "3.0.4",
            "info": {
                "title": endpoint,
                "x-fal-metadata": {"endpointId": endpoint, "category": "text-to-image"},
            },
            "components": {"schemas": {"Input": inputs, "Output": outputs}},
            "paths": {
                f"/{endpoint}": {"post": {"requestBody": body, "responses": {"200": {"description": "x"}}}},
                f"/{endpoint}/requests/{{request_id}}": {"get": {"responses": {"200": result}}},
            },
        }
    )


@pytest.fixture(autouse=True)
def fetched() -> Iterator[None]:
    token = PERMISSIONS.set(Permissions(fetch="any"))
    yield
    PERMISSIONS.reset(token)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with a recipe in a folder, and the description of its model at the top."""
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    found = Repo(tmp_path / "looks")
    write(found.folder / "models", OWN, description(OWN, strength={"type": "integer", "maximum": 5}))
    found.commit(film__board_yaml=RECIPE)
    return found


@pytest.fixture
def film(tmp_path: Path, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "callsheet.toml").touch()
    (folder / "film.yaml").write_text(FILM % repo.uses(path="film/board.yaml"))
    monkeypatch.chdir(folder)
    return Path("film.yaml")


def write(models: Path, endpoint: str, text: str) -> None:
    path = models / f"{endpoint}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(words))
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


def test_from_git(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is checked, and previewed; its price is not known, and a person has to allow its owner."""
    checked = callsheet.check(film)
    assert checked.graph is not None and not checked.diagnostics
    spec = checked.graph.instances["a/card"].spec
    assert (spec.uses, spec.price, spec.unknown_owner) == (OWN, None, True)
    code, text = said(capsys, "plan", "film.yaml")
    assert code == 0 and "1 call without a known price" in text and OWN in text and "!" in text
    result = callsheet.run(film, preview=True)
    assert result.status == "done", result.failures


def test_under_a_short_name(film: Path, repo: Repo) -> None:
    """`callsheet.toml` names the repository; what lies in it travels all the same."""
    source = repo.uses().partition("#")[0]
    Path("callsheet.toml").write_text(f'[recipes]\nlooks = "{source}"\n')
    film.write_text(FILM % "recipe/looks/film/board.yaml")
    checked = callsheet.check(film)
    assert checked.graph is not None, checked.diagnostics
    assert checked.graph.instances["a/card"].spec.uses == OWN


def test_nothing_is_sent_before_it_is_allowed(
    seller: Emulator, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "run", "film.yaml", "--yes")
    assert code == 1 and f"--allow {OWN}" in text and not seller.posts


def test_what_it_says_is_checked(film: Path, repo: Repo) -> None:
    repo.commit(film__board_yaml=RECIPE.replace("strength: 3", "strength: 9"))
    (said,) = callsheet.check(film).diagnostics
    assert said.span.text == "9" and said.span.source.path.name == "board.yaml"


def test_a_user_cannot_name_it_without_the_recipe(film: Path, repo: Repo) -> None:
    film.write_text(f"callsheet: 1\nnodes: {{a: {{uses: {OWN}, with: {{prompt: x}}}}}}\n")
    assert [d.code for d in callsheet.check(film).diagnostics] == ["unknown-uses"]
    film.write_text(
        FILM.replace("hero: a fox}", "hero: a fox}, override: {card: {uses: acme/pen}}")
        % repo.uses(path="film/board.yaml")
    )
    assert [d.code for d in callsheet.check(film).diagnostics] == ["unknown-uses"]
    write(repo.folder / "models", "acme/pen", description("acme/pen", strength={"type": "integer"}))
    repo.commit(film__board_yaml=RECIPE)
    shutil.rmtree(".callsheet")
    Path("film.lock.yaml").unlink()
    checked = callsheet.check(film)
    assert checked.graph is not None and checked.graph.instances["a/card"].spec.uses == "acme/pen"


def test_beside_a_recipe_in_the_project(tmp_path: Path, repo: Repo, film: Path) -> None:
    """A copy of the repository in a folder of the project; the project's own descriptions come first."""
    shutil.copytree(repo.folder, "vendor/looks", ignore=shutil.ignore_patterns(".git"))
    film.write_text(FILM % "./vendor/looks/film/board.yaml")
    checked = callsheet.check(film)
    assert checked.graph is not None and not checked.diagnostics
    write(Path("models"), OWN, description(OWN, strength={"type": "integer", "maximum": 2}))
    assert [d.span.text for d in callsheet.check(film).diagnostics] == ["3"]


def test_in_its_own_repository(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo.folder)
    assert said(capsys, "test", "--update")[0] == 0
    assert "ok, 1 instance, previewed" in said(capsys, "test", "film")[1]


class TestHostile:
    def test_the_catalogue_stays_as_it_is(self, repo: Repo, film: Path) -> None:
        """Another description of a known model counts for nothing: not its parameters, nor its price."""
        known = "fal-ai/hunyuan-image/v3/text-to-image"
        write(repo.folder / "models", known, description(known))
        (repo.folder / "models/prices.yaml").write_text(f"{known}: 0.0001 per call\n{OWN}: 0.0001 per call\n")
        repo.commit(film__board_yaml=RECIPE.replace(OWN, known).replace("strength: 3", "seed: 3"))
        checked = callsheet.check(film)
        assert checked.graph is not None, checked.diagnostics
        spec = checked.graph.instances["a/card"].spec
        assert spec.price is not None and spec.own_price is None and "image_size" in spec.inputs

    @pytest.mark.parametrize("name", ["media/evil", "text/evil", "hf/evil@text-to-image"])
    def test_names_that_are_not_endpoints(self, repo: Repo, film: Path, name: str) -> None:
        write(repo.folder / "models", name, description(name))
        repo.commit(film__board_yaml=RECIPE.replace(f"uses: {OWN}", f"uses: {name}"))
        assert "unknown-uses" in [d.code for d in callsheet.check(film).diagnostics]

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{", "null", '{"openapi": 3}', "{" * 5000, description(OWN).replace("Input", "../x")],
    )
    def test_descriptions_that_are_none(self, repo: Repo, film: Path, text: str) -> None:
        write(repo.folder / "models", OWN, text)
        repo.commit(film__board_yaml=RECIPE)
        found = callsheet.check(film)
        assert found.graph is None
        assert {d.span.source.path.name for d in found.diagnostics} <= {"board.yaml", "film.yaml"}

    def test_a_link_out_of_the_project(self, tmp_path: Path, film: Path) -> None:
        """In a copy, a link to a description elsewhere is refused, not followed."""
        write(tmp_path / "elsewhere", OWN, description(OWN))
        Path("vendor/models/acme").mkdir(parents=True)
        Path("vendor/models/acme/brush.json").symlink_to(tmp_path / "elsewhere/acme/brush.json")
        Path("vendor/board.yaml").write_text(RECIPE)
        film.write_text(FILM % "./vendor/board.yaml")
        (said,) = callsheet.check(film).diagnostics
        assert "link" in said.message
