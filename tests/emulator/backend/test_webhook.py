import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"


class Inbox:
    """A server that answers webhooks with `statuses`, in turn, and keeps what came."""

    def __init__(self, *statuses: int) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.full = threading.Event()
        inbox, left = self, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(left.pop(0))
                self.send_header("Content-Length", "0")
                self.end_headers()
                if not left:
                    inbox.full.set()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> "Inbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def verify(headers: dict[str, str], body: bytes, key: Ed25519PublicKey) -> None:
    names = ("request-id", "user-id", "timestamp")
    signed = [headers[f"x-fal-webhook-{name}"] for name in names] + [hashlib.sha256(body).hexdigest()]
    key.verify(bytes.fromhex(headers["x-fal-webhook-signature"]), "\n".join(signed).encode())


def public_key(client) -> Ed25519PublicKey:
    x = client.get("/.well-known/jwks.json").json()["keys"][0]["x"]
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "=="))


def test_a_result_is_delivered_and_signed(client):
    with Inbox(200) as inbox:
        accepted = client.post(f"/{IMAGE}", params={"fal_webhook": inbox.url}, json={"prompt": "x"}).json()
        assert accepted["gateway_request_id"] and inbox.full.wait(5)
    headers, body = inbox.came[0]
    message = json.loads(body)
    assert message["status"] == "OK" and message["request_id"] == accepted["request_id"]
    assert message["payload"] == client.get(accepted["response_url"]).json()
    verify(headers, body, public_key(client))
    with pytest.raises(InvalidSignature):
        verify(headers, body + b" ", public_key(client))


def test_a_failure_is_delivered_again_until_somebody_takes_it(provider, client):
    provider.fault("content_policy")
    provider.state.clock.scale = 100
    with Inbox(500, 200) as inbox:
        client.post(f"/{IMAGE}", params={"fal_webhook": inbox.url}, json={"prompt": "x"})
        assert inbox.full.wait(5)
    first, second = (json.loads(body) for _, body in inbox.came)
    assert first == second and first["status"] == "ERROR" and first["error"] == "Invalid status code: 422"


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "http://169.254.169.254/", "file:///x", "ftp://127.0.0.1/"]
)
def test_only_this_machine_is_called(provider, client, url):
    reply = client.post(f"/{IMAGE}", params={"fal_webhook": url}, json={"prompt": "x"})
    assert reply.status_code == 400 and provider.accepted == []
