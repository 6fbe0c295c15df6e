"""What may stand at the address of a scheduler instead of one, and what is said of it."""

import contextlib
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest

import callsheet as api
from callsheet.errors import InputError

pytest.importorskip("distributed")
trustme = pytest.importorskip("trustme")


@contextmanager
def listener(serve):
    """Yields the port of a server that lets `serve` have each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def loop():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=attended, args=(connection,), daemon=True).start()

        def attended(connection):
            with contextlib.suppress(OSError), connection:
                serve(connection)

        threading.Thread(target=loop, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def silent(connection):
    while connection.recv(1024):
        pass


def http(connection):
    connection.recv(1024)
    connection.sendall(b"HTTP/1.1 400 Bad request\r\nContent-Length: 0\r\n\r\n")
    silent(connection)


def closing(connection):
    connection.recv(1024)


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """Certificates of this side in the environment. Returns what serves with one of another authority."""
    ours, other = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ours.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "node.pem"))
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT", str(tmp_path / "node.pem"))
    import dask

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.issue_cert("127.0.0.1").configure_cert(context)

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as safe:
            silent(safe)

    dask.config.refresh()
    yield serve
    monkeypatch.undo()
    dask.config.refresh()


@pytest.mark.parametrize(
    ("serve", "said"), [(silent, "gives no answer of a scheduler"), (http, "is no scheduler")]
)
def test_what_is_no_scheduler_is_not_waited_for_for_ever(serve, said, monkeypatch):
    monkeypatch.setattr("callsheet.runtime.engines.dask_client.CONNECT", 0.5)
    with listener(serve) as port, pytest.raises(InputError, match=said) as refused:
        api.engine_status(f"dask://127.0.0.1:{port}")
    assert refused.value.next_step


def test_a_name_that_is_not_known_is_said_to_be_none(monkeypatch):
    monkeypatch.setenv("CALLSHEET_TRUST_NETWORK", "1")
    with pytest.raises(InputError, match=r"the name nowhere\.invalid is not known here"):
        api.engine_status("dask://nowhere.invalid")


def test_one_side_with_certificates_and_one_without(certified):
    with listener(closing) as port:
        with pytest.raises(InputError, match="ends the connection") as refused:
            api.engine_status(f"dask://127.0.0.1:{port}")
        assert "write tls:// for dask://" in refused.value.next_step
        with pytest.raises(InputError, match="ends the connection") as refused:
            api.engine_status(f"tls://127.0.0.1:{port}")
        assert "--protocol tls" in refused.value.next_step


def test_a_scheduler_with_certificates_of_somebody_else(certified):
    with listener(certified) as port, pytest.raises(InputError, match="not of the authority") as refused:
        api.engine_status(f"tls://127.0.0.1:{port}")
    assert "CA_FILE" in refused.value.next_step
