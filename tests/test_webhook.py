"""A person's own service learns of each request, and can tell fal's calls from others."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.webhook import Delivery, WebhookError, published_keys, verify

FILM = """\
callsheet: 1
name: film
axes: {shot: {over: [dawn, noon]}}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "a lighthouse, ${{ shot }}"}
outputs: {stills: "${{ still.images | map('first') }}"}
"""
Call = tuple[dict[str, str], bytes]


@pytest.fixture(scope="module")
def provider() -> Iterator[Emulator]:
    with Emulator(tiny=True) as provider:
        yield provider


@pytest.fixture
def service(provider: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[Call]]]:
    """The address of a service, and the calls that came to it."""
    monkeypatch.setenv("CALLSHEET_FAL_URL", provider.url)
    monkeypatch.setenv("FAL_KEY", "id:planted")
    monkeypatch.setattr("callsheet.webhook._KEYS", {})
    came: list[Call] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/fal?film=1", came
    server.shutdown()
    server.server_close()


def made(folder: Path, webhook: str, came: list[Call], count: int) -> callsheet.Result:
    """Run the film in `folder`, and wait for so many calls."""
    (folder / "callsheet.toml").touch()
    film = folder / "film.yaml"
    film.write_text(FILM, encoding="utf-8")
    result = callsheet.run(film, out=folder / "out", confirm=True, webhook=webhook)
    waiting = threading.Event()
    for _ in range(600):
        if len(came) >= count:
            break
        waiting.wait(0.05)
    return result


def test_each_request_names_the_webhook_and_the_run_goes_on_asking(
    tmp_path: Path, service: tuple[str, list[Call]], provider: Emulator
) -> None:
    webhook, came = service
    assert made(tmp_path, webhook, came, 2).status == "done"
    told = [verify(headers, body) for headers, body in came]
    assert {d.request_id for d in told} == {post.request_id for post in provider.posts[-2:]}
    assert all(d.status == "OK" and d.payload and d.payload["images"] and not d.error for d in told)
    assert made(tmp_path, "", came, 0).usd == 0  # the same film, whatever is called


@pytest.fixture
def call(tmp_path: Path, service: tuple[str, list[Call]]) -> Call:
    webhook, came = service
    made(tmp_path, webhook, came, 2)
    return came[0]


def test_what_fal_did_not_sign_is_refused(call: Call) -> None:
    headers, body = call
    sent = int(headers["X-Fal-Webhook-Timestamp"])
    lower = {name.lower(): value for name, value in headers.items()}
    assert isinstance(verify(lower, body, published_keys(), now=sent + 299), Delivery)
    wrong = [
        (headers, body.replace(b"OK", b"KO"), sent, "none of fal's keys"),
        (headers, body, sent + 301, "more than five minutes old"),
        (headers, body, sent - 301, "more than five minutes old"),
        ({**headers, "X-Fal-Webhook-Request-Id": "another"}, body, sent, "none of fal's keys"),
        ({**headers, "X-Fal-Webhook-Timestamp": str(sent + 1)}, body, sent, "none of fal's keys"),
        ({**headers, "X-Fal-Webhook-Timestamp": "1e3"}, body, sent, "no number of seconds"),
        ({**headers, "X-Fal-Webhook-Signature": "zz"}, body, sent, "not in hex"),
        ({**headers, "X-Fal-Webhook-Signature": "00" * 64}, body, sent, "none of fal's keys"),
        ({n: v for n, v in headers.items() if "User" not in n}, body, sent, "User-Id is missing"),
    ]
    for given, content, now, why in wrong:
        with pytest.raises(WebhookError, match=why):
            verify(given, content, now=now)
    with pytest.raises(WebhookError, match="none of fal's keys"):
        verify(headers, body, ["", "AAAA", "A" * 43, "not base64 !"], now=sent)


def test_keys_are_fetched_once_a_day(call: Call, provider: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> int:
        return sum(entry.path.endswith("/jwks.json") for entry in provider.requests)

    headers, body = call
    before = asked()
    for _ in range(3):
        verify(headers, body)
    with pytest.raises(WebhookError):
        verify(headers, body + b" ")
    assert asked() == before + 1
    monkeypatch.setattr("callsheet.webhook.FRESH", 0.0)
    with pytest.raises(WebhookError):
        verify(headers, body + b" ")
    assert asked() == before + 2


def test_a_service_without_fals_keys_says_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.webhook._KEYS", {})
    monkeypatch.setenv("CALLSHEET_FAL_URL", "http://127.0.0.1:9")
    with pytest.raises(InputError, match="fal's keys cannot be read"):
        verify(*call)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("studio.example/fal", "scheme"),
        ("http://studio.example/fal", "only https"),
        ("https://10.0.0.1/fal", "not a public address"),
        ("https://user:pass@studio.example/fal", "user name"),
        ("https://studio.example/a b", "characters"),
    ],
)
def test_an_address_that_fal_cannot_call_is_an_error_before_anything_is_bought(
    url: str, why: str, tmp_path: Path, service: tuple[str, list[Call]], provider: Emulator
) -> None:
    before = len(provider.posts)
    with pytest.raises(InputError, match="the webhook cannot be called") as refused:
        made(tmp_path, url, [], 0)
    assert why in refused.value.message and len(provider.posts) == before


def test_the_body_of_a_delivery_may_say_that_the_model_failed() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    body = json.dumps(
        {"request_id": "r", "status": "ERROR", "error": "Invalid status code: 422", "payload": None}
    ).encode()
    headers, public = signed(key, "r", body)
    assert verify(headers, body, [public], now=5.0) == Delivery(
        "r", "ERROR", None, "Invalid status code: 422"
    )
    headers, public = signed(key, "other", body)
    with pytest.raises(WebhookError, match="about another request"):
        verify(headers, body, [public], now=5.0)


def signed(key: object, request_id: str, body: bytes) -> tuple[dict[str, str], str]:
    """The headers of a call, signed as fal does, and the public key."""
    import base64
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    assert isinstance(key, Ed25519PrivateKey)
    message = "\n".join((request_id, "user", "5", hashlib.sha256(body).hexdigest())).encode()
    parts = {"Request-Id": request_id, "User-Id": "user", "Timestamp": "5"}
    headers = {f"X-Fal-Webhook-{name}": value for name, value in parts.items()}
    public = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {**headers, "X-Fal-Webhook-Signature": key.sign(message).hex()}, public
