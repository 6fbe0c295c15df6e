"""S3 on loopback, by moto, which can be told to fail, to lie and to be away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTEDPLANTED00",
    "AWS_SECRET_ACCESS_KEY": "planted/secret+of+the+bucket",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
REASONS = {200: "OK", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 503: "Service Unavailable"}
Reply = tuple[int, bytes]
Fault = Callable[[str, str], Reply | None]
"""Given the method and the path of a request; returns status and body, or None for the true answer."""


class S3:
    """A server with one bucket for each test. requests: method and path of each, in order. fault: asked
    before each is answered."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._asking = threading.local()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.reset()

    def reset(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.fault: Fault = lambda method, path: None
        self.bucket = f"films-{uuid4().hex[:8]}"
        self.url = f"s3://{self.bucket}/common"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def asker(self) -> str:
        """Who asks what is being answered: different for processes with another AWS_SDK_UA_APP_ID."""
        agent: str = self._asking.agent
        return agent

    @property
    def client(self) -> Any:
        import boto3

        return boto3.client("s3", endpoint_url=self.address)

    def objects(self) -> dict[str, bytes]:
        """Name → content of every object in the store."""
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {one["Key"].removeprefix("common/"): self.get(one["Key"]) for one in found}

    def get(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def put(self, name: str, content: bytes) -> None:
        """Replace an object of the store, as somebody else would."""
        self.client.put_object(Bucket=self.bucket, Key=f"common/{name}", Body=content)

    def writes(self, folder: str = "") -> int:
        """How many objects were put into a folder of the store."""
        return sum(method == "PUT" and f"/common/{folder}" in path for method, path in self.requests)

    def _answer(self, environ: Any, start: Any) -> Any:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append((method, path))
        self._asking.agent = environ.get("HTTP_USER_AGENT", "")
        said = self.fault(method, path)
        if said is None:
            return self._moto(environ, start)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, body = said
        start(f"{status} {REASONS[status]}", [("Content-Type", "application/xml")])
        return [b"" if method == "HEAD" else body]


def error(status: int, code: str, message: str) -> Reply:
    """An error as S3 says it."""
    said = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, f'<?xml version="1.0" encoding="UTF-8"?>{said}'.encode()


DENIED = error(403, "AccessDenied", "Access Denied")
WRONG_KEY = error(403, "SignatureDoesNotMatch", "The request signature does not match")
AWAY = error(503, "ServiceUnavailable", "Reduce your expectations")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    pytest.importorskip("moto.moto_server.werkzeug_app")
    pytest.importorskip("s3fs")
    server = S3()
    yield server
    server.close()


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """An empty bucket of its own, and the keys to it."""
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": s3_server.address}.items():
        monkeypatch.setenv(name, value)
    s3_server.reset()
    s3_server.client.create_bucket(Bucket=s3_server.bucket)
    s3_server.requests.clear()
    return s3_server
