"""The ledger on a server that proves who it is: with a certificate of an authority of one's own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from callsheet.errors import InputError
from callsheet.runtime.ledger import LedgerError, books_of
from tests.postgres import Server, free_port, has_tls, served

trustme = pytest.importorskip("trustme")
pytest.importorskip("psycopg")

from callsheet.runtime.ledger.postgres.ledger import PostgresLedger  # noqa: E402

pytestmark = [
    pytest.mark.needs("postgres"),
    pytest.mark.skipif(not has_tls(), reason="this Postgres was built without TLS"),
]
NAME = "ledger.example.com"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA) -> Iterator[Server]:
    """It listens on a port of this machine, and has a certificate for `NAME`."""
    for found in served(free_port()):
        certificate = authority.issue_cert(NAME)
        found.encrypt(certificate.cert_chain_pems[0].bytes(), certificate.private_key_pem.bytes())
        yield found


@pytest.fixture
def address(server: Server, authority: trustme.CA, tmp_path: Path) -> str:
    """Of the ledger, by the name of the server; it is here, whatever the name."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    place = f"hostaddr=127.0.0.1&port={server.port}&sslmode=verify-full"
    return f"postgresql://callsheet@{NAME}/postgres?{place}&sslrootcert={tmp_path}/ca.pem&project=film"


def used(url: str, tmp_path: Path, patch: pytest.MonkeyPatch) -> str:
    """The version of TLS with which the ledger at `url` is used."""
    patch.setenv("CALLSHEET_LEDGER", url)
    state = tmp_path / "film" / ".callsheet"

    async def asked() -> str:
        ledger = books_of(state, state.parent).ledger()
        assert isinstance(ledger, PostgresLedger)
        query = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
        try:
            return str((await ledger.pool.read(lambda s: s.execute(query).fetchone()))[0])
        finally:
            await ledger.close()

    return asyncio.run(asked())


def test_a_server_that_proves_who_it_is_is_used(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert used(address, tmp_path, monkeypatch).startswith("TLS")


def test_one_of_another_name_or_authority_is_refused_before_anything_is_said(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    for wrong, step in (
        (address.replace(NAME, "films.example.com"), "as its certificate does"),
        (address.replace("ca.pem", "other.pem"), "sslrootcert=FILE"),
        (address.replace("ca.pem", "nothing.pem"), "sslrootcert=FILE"),
    ):
        with pytest.raises(LedgerError) as error:
            used(wrong, tmp_path, monkeypatch)
        assert step in error.value.next_step, error.value.message
    assert not (tmp_path / "film").exists()


def test_one_without_tls_is_refused(
    address: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def refuse() -> None:
            with suppress(OSError):
                while True:
                    client, _ = door.accept()
                    with client:
                        client.recv(8)
                        client.sendall(b"N")  # what a server says that has no TLS

        threading.Thread(target=refuse, daemon=True).start()
        plain = address.replace(f"port={server.port}", f"port={door.getsockname()[1]}")
        with pytest.raises(LedgerError, match="does not support SSL") as error:
            used(plain, tmp_path, monkeypatch)
    assert "the server needs TLS" in error.value.next_step


def test_a_name_of_another_machine_needs_tls_or_a_word(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is looked up or sent."""
    for mode in ("disable", "prefer", "require", "verify-ca"):
        url = f"postgresql://callsheet@{NAME}/postgres?sslmode={mode}&project=film"
        with pytest.raises(InputError, match=f"sslmode={mode} does not prove which one") as error:
            used(url, tmp_path, monkeypatch)
        assert "CALLSHEET_TRUST_NETWORK=1" in error.value.next_step
