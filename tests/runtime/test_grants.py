"""What a pipeline may not do without a person's word: send a variable, ask an endpoint nobody knows."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import callsheet
from callsheet import check, load
from callsheet.emulator import Emulator
from callsheet.errors import InputError, StoreError
from callsheet.runtime.grants import Grants, Need, needs_of
from callsheet.runtime.prepare import prepare
from callsheet.runtime.run import run
from callsheet.runtime.workspace import Workspace
from callsheet.spec.permissions import PERMISSIONS, Permissions

MAIN = "from callsheet.cli.main import main; main()"
BYOK = "fal-ai/gpt-image-1/text-to-image/byok"
STRANGE = "attacker/exfil"
FILM = f"""
callsheet: 1
name: film
nodes:
  logo: {{uses: {BYOK}, with: {{prompt: a logo, openai_api_key: {{secret: MY_OPENAI}}}}}}
"""
DOCUMENT = {
    "openapi": "3.0.4",
    "info": {
        "title": "x", "version": "1",
        "x-fal-metadata": {"endpointId": STRANGE, "category": "text-to-image"},
    },
    "paths": {
        f"/{STRANGE}": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {
                    "type": "object", "required": ["prompt"],
                    "properties": {"prompt": {"type": "string"}, "api_key": {"type": "string"}},
                }}}},
            }
        },
        f"/{STRANGE}/requests/{{request_id}}": {
            "get": {"responses": {"200": {"content": {"application/json": {
                "schema": {"type": "object", "properties": {"text": {"type": "string"}}},
            }}}}},
        },
    },
}  # fmt: skip
NEED = Need("secret", "MY_OPENAI", BYOK, "fal")


@pytest.fixture
def film(seller: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MY_OPENAI", "sk-planted")
    path = Path("film.yaml")
    path.write_text(FILM, encoding="utf-8")
    yield path


@pytest.fixture
def strange(film: Path) -> Path:
    model = Path("models", f"{STRANGE}.json")
    model.parent.mkdir(parents=True)
    model.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    film.write_text(
        f"callsheet: 1\nname: film\nnodes: {{a: {{uses: {STRANGE}, "
        "with: {prompt: hi, api_key: {secret: AWS_SECRET_ACCESS_KEY}}}}\n",
        encoding="utf-8",
    )
    return film


def codes(value: str) -> list[tuple[str, str]]:
    Path("film.yaml").write_text(
        f"callsheet: 1\nnodes: {{a: {{uses: {BYOK}, with: {{{value}}}}}}}\n", encoding="utf-8"
    )
    return [(d.code, d.span.text) for d in check("film.yaml").diagnostics if d.severity == "error"]


@pytest.mark.parametrize("name", ["FAL_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "CALLSHEET_STORE"])
def test_a_providers_own_key_is_never_sent(name: str, in_folder: Path) -> None:
    assert codes(f"prompt: hi, openai_api_key: {{secret: {name}}}") == [("secret-place", name)]


def test_a_variable_goes_into_no_prompt(in_folder: Path) -> None:
    found = codes("prompt: {secret: HOME_TOKEN}, openai_api_key: {secret: OPENAI}")
    assert found == [("secret-place", "{secret: HOME_TOKEN}")]


def test_a_plan_says_what_is_sent_where(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from callsheet.cli.main import main

    with pytest.raises(SystemExit):
        main(["plan", "film.yaml"])
    assert f"! the environment variable MY_OPENAI is sent to {BYOK} (fal)" in capsys.readouterr().out


def test_a_program_grants_for_one_run(film: Path, seller: Emulator) -> None:
    with pytest.raises(InputError, match="MY_OPENAI"):
        callsheet.run(film, confirm=True)
    callsheet.run(film, confirm=True, secrets=["MY_OPENAI"])
    assert len(seller.posts) == 1 and not PERMISSIONS.get().secrets


def test_a_program_allows_an_endpoint_for_one_run(
    strange: Path, seller: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-planted")
    with pytest.raises(InputError, match="described by this project alone"):
        callsheet.run(strange, confirm=True, secrets=["AWS_SECRET_ACCESS_KEY"])
    assert not seller.posts
    callsheet.run(strange, confirm=True, secrets=["AWS_SECRET_ACCESS_KEY"], allow=[STRANGE])
    assert len(seller.posts) == 1


def test_nothing_is_sent_without_a_word(film: Path, seller: Emulator) -> None:
    workspace = Workspace()
    with pytest.raises(
        InputError, match="nobody has granted that the environment variable MY_OPENAI"
    ) as error:
        run(prepare(load(film), workspace), confirm=True)
    assert "--secret MY_OPENAI" in error.value.next_step
    assert not seller.posts


def test_a_word_for_one_command_is_for_one_command(film: Path, seller: Emulator) -> None:
    token = PERMISSIONS.set(Permissions(secrets=frozenset({"MY_OPENAI"})))
    try:
        assert run(prepare(load(film), Workspace()), confirm=True).status == "done"
    finally:
        PERMISSIONS.reset(token)
    assert len(seller.posts) == 1
    film.write_text(FILM.replace("a logo", "another"), encoding="utf-8")
    with pytest.raises(InputError, match="nobody has granted"):
        run(prepare(load(film), Workspace()), confirm=True)


def test_a_grant_is_kept_for_this_project_and_this_endpoint(film: Path, tmp_path: Path) -> None:
    here, file = Grants(Path(), tmp_path / "conf/grants.json"), tmp_path / "conf/grants.json"
    here.remember([NEED])
    assert not here.missing([NEED])
    assert Grants(tmp_path / "elsewhere", file).missing([NEED]) == (NEED,)
    other = Need("secret", "MY_OPENAI", STRANGE, "fal")
    assert here.missing([other]) == (other,)
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_home_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("CALLSHEET_CONFIG", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    grants = Grants(tmp_path)
    assert grants.missing([NEED]) == (NEED,)
    with pytest.raises(InputError, match="home folder of this user is not known"):
        grants.remember([NEED])


def test_where_no_folder_can_be_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    grants = Grants(tmp_path, tmp_path / "home/conf/grants.json")
    assert grants.missing([NEED]) == (NEED,)
    with pytest.raises(StoreError):
        grants.remember([NEED])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 2}', '{"version": 1, "projects": []}'])
def test_a_broken_file_of_grants_grants_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "grants.json"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        Grants(Path(), path).missing([NEED])
    assert str(path) in error.value.message and error.value.next_step


def test_an_endpoint_of_an_unknown_owner_is_asked_for_too(strange: Path, seller: Emulator) -> None:
    prepared = prepare(load(strange), Workspace())
    assert {(need.kind, need.name) for need in needs_of(prepared.plan)} == {
        ("secret", "AWS_SECRET_ACCESS_KEY"),
        ("endpoint", STRANGE),
    }
    with pytest.raises(InputError) as error:
        run(prepared, confirm=True)
    assert "--secret AWS_SECRET_ACCESS_KEY" in error.value.next_step
    assert f"--allow {STRANGE}" in error.value.next_step
    assert not seller.posts


def test_a_preview_needs_no_word(film: Path, seller: Emulator) -> None:
    from callsheet.runtime.plan.run_options import RunOptions

    assert run(prepare(load(film), Workspace(), RunOptions(preview=True))).status == "done"
    assert not seller.posts


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
@pytest.mark.parametrize(("answers", "code", "sent"), [("y\ny\n", 0, 1), ("n\n", 130, 0)])
def test_a_person_is_asked_once(
    answers: str, code: int, sent: int, film: Path, seller: Emulator, tmp_path: Path
) -> None:
    leader, follower = pty.openpty()
    env = {**os.environ, "CALLSHEET_CONFIG": str(tmp_path / "conf"), "CI": ""}
    command = [sys.executable, "-c", MAIN, "run", "film.yaml", "--output", "quiet"]
    process = subprocess.Popen(
        command, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )
    os.close(follower)
    os.write(leader, answers.encode())
    out, err = process.communicate(timeout=120)
    os.close(leader)
    assert process.returncode == code, err
    assert b"MY_OPENAI is sent to" in out
    assert len(seller.posts) == sent
    assert (tmp_path / "conf/grants.json").exists() == bool(sent)


def test_what_came_with_a_list_is_held_against_the_grants_too(
    strange: Path, seller: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instances of a list that comes during the run may need what no plan could show."""
    monkeypatch.setattr("callsheet.runtime.grants.needs_of", lambda _: ())
    result = callsheet.run(strange, confirm=True)
    assert not seller.posts
    assert [f.message for f in result.failures] == [
        f"nobody has granted that the environment variable AWS_SECRET_ACCESS_KEY is sent to {STRANGE} (fal); "
        f"{STRANGE} is described by this project alone; its owner gets the request (fal)"
    ]


def test_a_moved_project_and_a_clone_have_no_grants(
    film: Path, seller: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("one").mkdir()
    film.rename("one/film.yaml")
    Path("one/callsheet.toml").touch()
    Grants(Path("one")).remember([NEED])
    Path("one").rename("two")
    Path("three").symlink_to("two")
    for place in ("two", "three"):
        with pytest.raises(InputError, match="nobody has granted"):
            callsheet.run(f"{place}/film.yaml", confirm=True)
    Path("two").rename("one")
    Path("three").unlink()
    Path("three").symlink_to("one")
    assert callsheet.run("three/film.yaml", confirm=True).status == "done"
