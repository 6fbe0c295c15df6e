"""Addresses of ledgers: which are refused, and which are safe."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.runtime.ledger import LedgerError, LedgerFile, books_of
from callsheet.runtime.ledger.postgres.address import address_of

pytest.importorskip("psycopg")
HERE = "postgresql://me@localhost/db"
AWAY = "postgresql://me:sesame@db.example.com/films"
SECRET = "sesame"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///x",
        "postgresql://me:sesame@[/db",
        "postgresql://h/db?no_such_option=1",
        "postgresql:/me:sesame@x/db?port=%zz",
        "ledger",
    ],
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InputError, match="is no address of a Postgres server") as error:
        address_of(url, "film", {})
    assert SECRET not in str(error.value) + error.value.next_step


@pytest.mark.parametrize("password", ["ses@me", "ses/sesame", "@sesame", "1/sesame", "s@/sesame#x"])
def test_no_part_of_a_password_becomes_the_name_of_a_host_or_database(password: str) -> None:
    with pytest.raises(InputError, match="an @ too many, or one too late") as error:
        address_of(f"postgresql://ada:{password}@localhost/films", "film", {})
    assert "same" not in str(error.value) and "PGPASSWORD" in error.value.next_step


@pytest.mark.parametrize("port", ["99999", "0", "port", "-1", "5432,localhost:x"])
def test_a_port_is_a_number(port: str) -> None:
    with pytest.raises(InputError, match="names a port that is none") as error:
        address_of(f"postgresql://ada:{SECRET}@localhost:{port}/films", "film", {})
    assert SECRET not in str(error.value) + error.value.next_step


def test_what_the_address_says_reaches_the_server_as_it_is_written() -> None:
    url = "postgresql://ada:se#same@localhost:5433/my%20films?options=-c%20work_mem%3D8MB&project=film"
    found = address_of(f"{url}&application_name=a+b", "x", {})
    assert (found.project, found.named) == ("film", True)
    assert dict(found.parameters) == {
        "user": "ada", "password": "se#same", "host": "localhost", "port": "5433", "dbname": "my films",
        "options": "-c work_mem=8MB", "application_name": "a+b",
    }  # fmt: skip


@pytest.mark.parametrize("project", ["", "A", "a b", "a;drop", "x" * 51, "-a", 'a"b', "a&project=b"])
def test_names_of_projects_are_plain(project: str) -> None:
    with pytest.raises(InputError, match="names no project"):
        address_of(f"{HERE}?project={project}", "film", {})


@pytest.mark.parametrize(
    ("folder", "project"),
    [
        ("film", "film"),
        ("My Film (2)", "my_film_2"),
        ("фильм", "project"),
        ("x" * 80, "x" * 50),
        ("", "project"),
    ],
)
def test_without_a_name_the_folder_gives_one(folder: str, project: str) -> None:
    found = address_of(HERE, folder, {})
    assert (found.project, found.named, found.schema) == (project, False, f"callsheet_{project}")


@pytest.mark.parametrize(
    "url",
    [
        HERE,
        "postgresql://me@127.0.0.1:5433/db",
        "postgresql://me@[::1]/db",
        "postgresql:///db?host=/run/postgresql",
        "postgresql:///db",
    ],
)
def test_a_server_on_this_machine_needs_no_tls(url: str) -> None:
    assert "sslmode" not in address_of(url, "film", {}).parameters


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_another_machine_has_to_prove_which_one_it_is(mode: str) -> None:
    for url, environ in ((f"{AWAY}?sslmode={mode}", {}), (AWAY, {"PGSSLMODE": mode})):
        with pytest.raises(InputError, match=f"sslmode={mode} does not prove which one") as error:
            address_of(url, "film", environ)
        assert "CALLSHEET_TRUST_NETWORK=1" in error.value.next_step
        trusted = address_of(url, "film", {**environ, "CALLSHEET_TRUST_NETWORK": "1"})
        assert trusted.parameters["sslmode"] == mode


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        (AWAY, {}),
        ("postgresql:///db", {"PGHOST": "db.example.com"}),
        ("postgresql://localhost,db.example.com/db", {}),
        ("postgresql:///db?hostaddr=10.0.0.7&host=localhost", {}),
        ("postgresql:///?service=films", {}),
    ],
)
def test_a_server_elsewhere_is_verified(url: str, environ: dict[str, str]) -> None:
    found = address_of(f"{url}{'&' if '?' in url else '?'}project=film", "x", environ)
    assert found.parameters["sslmode"] == "verify-full" and found.parameters["sslrootcert"] == "system"
    assert SECRET not in found.shown


def test_certificates_that_are_named_are_used() -> None:
    named = address_of(f"{AWAY}?sslrootcert=/ca.pem", "film", {})
    assert named.parameters["sslrootcert"] == "/ca.pem"
    assert "sslrootcert" not in address_of(AWAY, "film", {"PGSSLROOTCERT": "/ca.pem"}).parameters


def test_without_psycopg_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.runtime.ledger.postgres.address.find_spec", lambda _: None)
    with pytest.raises(InputError, match="needs the package psycopg") as error:
        address_of(HERE, "film", {})
    assert "callsheet[team]" in error.value.next_step
    assert importlib.util.find_spec("psycopg")


@pytest.mark.parametrize("mark", ["", "[]", "{}", "\udce4"])
def test_a_damaged_mark_is_not_passed_over(mark: str, tmp_path: Path) -> None:
    assert isinstance(books_of(tmp_path, tmp_path), LedgerFile)
    (tmp_path / "ledger-server.json").write_bytes(mark.encode("utf-8", "surrogateescape"))
    with pytest.raises(LedgerError, match="nobody knows which ledger"):
        books_of(tmp_path, tmp_path)


FILM = """
callsheet: 1
name: film
nodes: {a: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a lighthouse}}}
outputs: {a: "${{ a.images }}"}
"""


def test_a_run_on_one_machine_loads_no_driver(seller: Emulator, in_folder: Path) -> None:
    """Nor what engines and buckets need."""
    (in_folder / "film.yaml").write_text(FILM, encoding="utf-8")
    program = (
        "import sys\nimport callsheet\nfrom callsheet.cli.main import callsheet as verbs\n"
        "for words in (['check', 'film.yaml'], ['plan', 'film.yaml'], ['run', 'film.yaml', '--yes']):\n"
        "    verbs(words, standalone_mode=False)\n"
        "found = {'psycopg', 'distributed', 'fsspec'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {found}' if found else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(seller.posts) == 1
