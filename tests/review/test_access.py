"""Who may ask the review server for what. Nothing is told to, and nothing done for, anybody else."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import trustme

from callsheet.errors import InputError
from callsheet.review.film import Film
from callsheet.review.message import Request
from callsheet.review.server import Place, Told, serve_film
from callsheet.runtime.cancellation import Stop
from tests.review.conftest import Open, Page


@pytest.fixture
def page(coast: Path, open_page: Open) -> Page:
    return open_page()


def test_the_page_and_its_state_are_behind_the_token(page: Page) -> None:
    assert page.ask("")[0] == 200 and b"review.js" in page.ask("")[2]
    assert page.read("film.json")["name"] == "coast"


@pytest.mark.parametrize(
    "at", ["/", "/film.json", "/wrong/film.json", "/wrong/", "//", "/%2e%2e/", "*", "/events", "/do/approve"]
)
def test_without_the_token_there_is_nothing(page: Page, at: str) -> None:
    status, _, body = page.ask("", at=at)
    assert status in (400, 404) and b"coast" not in body and page.token.encode() not in body


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""])
def test_a_name_that_leads_here_from_elsewhere_is_refused(page: Page, host: str) -> None:
    """A page of somebody else whose name is bound to this machine may ask, and learns nothing."""
    status, _, body = page.ask("film.json", Host=host)
    assert status in (400, 421) and b"coast" not in body


def test_this_machine_has_two_names(page: Page) -> None:
    assert page.ask("film.json", Host=f"localhost:{page.parts.port}")[0] == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://evil.example"]
)
@pytest.mark.parametrize("path", ["film.json", "", "events", "review.js"])
def test_another_page_reads_nothing(page: Page, origin: str, path: str) -> None:
    assert page.ask(path, Origin=origin)[0] == 403
    assert page.ask(path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")[0] == 403


def test_a_link_from_elsewhere_opens_the_page(page: Page) -> None:
    headers = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert page.ask("", **headers)[0] == 200
    headers["Sec_Fetch_Dest"] = "iframe"
    assert page.ask("", **headers)[0] == 403


GOOD = {"Content_Type": "application/json"}


@pytest.mark.parametrize(
    ("without", "status"),
    [
        ({"X_Callsheet_Token": None}, 403),
        ({"X_Callsheet_Token": "wrong"}, 403),
        ({"Origin": None}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_change_needs_all_of_it(page: Page, without: dict[str, str | None], status: int) -> None:
    headers: dict[str, Any] = {**GOOD, "X_Callsheet_Token": page.token, "Origin": page.origin, **without}
    given = {name: value for name, value in headers.items() if value is not None}
    asked = {"text": "a note", "frame": None}
    assert page.ask("do/note", "POST", asked, **given)[0] == status
    assert not Path("film.notes.jsonl").exists()
    good = {**GOOD, "X_Callsheet_Token": page.token, "Origin": page.origin}
    assert page.ask("do/note", "POST", asked, **good)[0] == 200
    assert Path("film.notes.jsonl").exists()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_a_change_is_asked_for_by_post(page: Page, method: str) -> None:
    given = {**GOOD, "X_Callsheet_Token": page.token, "Origin": page.origin}
    assert page.ask("do/note", method, {"text": "a note"}, **given)[0] == 405
    assert not Path("film.notes.jsonl").exists()


def test_no_reply_lets_a_browser_load_or_frame_anything_else(page: Page) -> None:
    for path in ("", "?/report", "film.json", "review.js", "nothing"):
        headers = page.ask(path)[1]
        policy = headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "../film.yaml",
        "..%2ffilm.yaml",
        "media/../../film.yaml",
        "media/film.yaml",
        "media/",
        f"media/{'a' * 64}",
        f"media/{'/' * 64}",
        "review.html/../../__init__.py",
        "__init__.py",
        "assets/review.js",
        "film.json.bak",
    ],
)
def test_no_part_of_an_address_is_a_path(page: Page, path: str) -> None:
    status, _, body = page.ask(path)
    assert status == 404 and b"A night on the coast" not in body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"text": 1}',
        b"\xff",
        b'{"text":' + b"[" * 5000,
        b'{"text": "a", "frame": -1}',
    ],
)
def test_what_is_no_request_is_refused_in_words(page: Page, body: bytes) -> None:
    given = {**GOOD, "X_Callsheet_Token": page.token, "Origin": page.origin}
    status, _, told = page.ask("do/note", "POST", body, **given)
    assert status in (400, 409) and b'"error"' in told and b"Traceback" not in told


def sent(page: Page, data: bytes) -> bytes:
    """What comes back for raw bytes, until the server closes. Raises TimeoutError where it does not."""
    with socket.create_connection((page.parts.hostname, page.parts.port), timeout=20) as connection:
        connection.sendall(data)
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except ConnectionError:
            return found
        return found


def test_large_heads_and_bodies_are_refused_before_they_are_read(page: Page) -> None:
    assert sent(page, b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000).startswith(b"HTTP/1.1 431")
    head = f"POST /{page.token}/do/note HTTP/1.1\r\nHost: {page.parts.netloc}\r\n"
    head += "Content-Length: 99999999\r\n\r\n"
    assert sent(page, head.encode()).startswith(b"HTTP/1.1 413")
    assert sent(page, b"\x16\x03\x01 this is TLS").startswith(b"HTTP/1.1 400")
    assert page.ask("")[0] == 200


def test_many_slow_clients_keep_nobody_out(page: Page) -> None:
    slow = [socket.create_connection((page.parts.hostname, page.parts.port)) for _ in range(60)]
    for connection in slow:
        connection.sendall(b"GET / HT")
    assert page.ask("")[0] == 200
    for connection in slow:
        connection.close()


def test_a_slow_client_is_sent_away(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.review.connection.HEAD_SECONDS", 0.2)
    assert sent(page, b"GET / HT") == b""


def test_two_requests_at_once_are_answered_in_turn(page: Page) -> None:
    one = f"GET /{page.token}/review.css HTTP/1.1\r\nHost: {page.parts.netloc}\r\n".encode()
    found = sent(page, one + b"\r\n" + one + b"Connection: close\r\n\r\n")
    assert found.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place(host="studio.example"), "only encrypted"),
        (Place(host="studio.example", cert=Path("a.pem")), "only encrypted"),
        (Place(cert=Path("a.pem"), key=Path("b.pem")), "belong to --host"),
        (Place(host="0.0.0.0", cert=Path("a.pem"), key=Path("b.pem")), "no name"),
        (Place(host="::", cert=Path("a.pem"), key=Path("b.pem")), "no name"),
    ],
)
def test_another_machine_gets_it_encrypted_or_not_at_all(place: Place, said: str) -> None:
    with pytest.raises(InputError) as error:
        place.require_safe()
    assert said in error.value.message and error.value.next_step


def test_the_port_that_browsers_leave_out_is_left_out() -> None:
    place = Place(443, "film.example", Path("cert.pem"), Path("key.pem"))
    access = place.access(443)
    assert access.address == f"https://film.example/{access.token}/"
    access.require_host(Request("GET", "/", {"host": "film.example"}))
    assert place.access(8443).origin == "https://film.example:8443"


def test_files_that_are_no_certificate_are_a_message(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("no")
    for name in ("a.pem", "gone.pem"):
        with pytest.raises(InputError, match="cannot be used"):
            Place(host="a.example", cert=tmp_path / name, key=tmp_path / name).tls()


def test_the_address_for_the_browser_leads_there_once(coast: Path) -> None:
    """Everybody on this machine sees what a browser was started with."""
    opened: Queue[tuple[str, str]] = Queue()
    stop = Stop()
    told = Told(lambda address, once: opened.put((address, once)))
    thread = threading.Thread(target=serve_film, args=(Film(coast), Place(), told, stop), daemon=True)
    thread.start()
    address, once = opened.get(timeout=120)
    page = Page(address, stop, thread)
    path = once.removeprefix(page.origin)
    assert page.token not in once
    status, headers, _ = page.ask("", at=path)
    assert (status, headers["location"]) == (303, f"/{page.token}/")
    assert page.ask("", at=path)[0] == 404
    page.close()


def test_another_machine_is_served_with_its_certificate(coast: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(tmp_path / "cert.pem", append=number > 0)
    opened: Queue[str] = Queue()
    stop = Stop()
    place = Place(host="localhost", cert=tmp_path / "cert.pem", key=tmp_path / "key.pem")
    told = Told(lambda address, _: opened.put(address))
    thread = threading.Thread(target=serve_film, args=(Film(coast), place, told, stop), daemon=True)
    thread.start()
    page = Page(opened.get(timeout=120), stop, thread)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    connection = http.client.HTTPSConnection("localhost", page.parts.port, timeout=20, context=context)
    connection.request("GET", f"{page.parts.path}film.json")
    assert page.address.startswith("https://") and connection.getresponse().status == 200
    connection.close()
    with pytest.raises((OSError, http.client.HTTPException)):
        page.ask("film.json")
    page.close()
