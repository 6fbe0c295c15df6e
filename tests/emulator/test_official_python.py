"""fal's own Python client, unmodified, in a process of its own, against the emulator behind TLS."""

import asyncio
import importlib.util
import json
import os
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import trustme

from callsheet.emulator import Emulator

NAMES = ("127.0.0.1", "localhost", "queue.fal.run", "fal.run", "rest.fal.ai", "v3.fal.media")
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
VEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("fal_client") is None,
    reason="fal-client is not installed: pip install fal-client",
)

SUBSCRIBE = f"""
import fal_client, json
seen = []
frame = "data:image/png;base64,AA=="
result = fal_client.subscribe(
    "{VEO}",
    {{"prompt": "dawn", "first_frame_url": frame, "last_frame_url": frame}},
    with_logs=True,
    on_queue_update=lambda update: seen.append(type(update).__name__),
)
print(json.dumps({{"seen": seen, "result": result}}))
"""

STEPS = f"""
import fal_client, json
handle = fal_client.submit("{IMAGE}", {{"prompt": "dawn", "seed": 3}})
statuses = [type(status).__name__ for status in handle.iter_events(with_logs=True)]
print(json.dumps({{"id": handle.request_id, "statuses": statuses, "result": handle.get(),
    "again": fal_client.result("{IMAGE}", handle.request_id)}}))
"""

FAILS = f"""
import fal_client, json
try:
    fal_client.subscribe("{IMAGE}", {{"prompt": "forbidden"}})
except fal_client.FalClientHTTPError as error:
    print(json.dumps({{"status": error.status_code, "text": str(error)}}))
"""

UPLOAD = """
import fal_client, json, sys
url = fal_client.upload(b"P" * 1000, "image/png", file_name="hero.png")
print(json.dumps({"url": url}))
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> tuple[ssl.SSLContext, Path]:
    root = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    root.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    root.issue_cert(*NAMES).configure_cert(context)
    return context, path


class Tunnel:
    """An HTTPS proxy that leads every CONNECT to one local port, whatever host was asked for."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> "Tunnel":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def run(script: str, ca: Path, home: Path, **environ: str) -> dict:
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    variables = {"FAL_KEY": "k:s", "SSL_CERT_FILE": str(ca), "HOME": str(home), "FAL_HOME_DIR": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**clean, **variables, **environ},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def on_host(provider: Emulator) -> dict[str, str]:
    host = f"127.0.0.1:{provider.port}"
    return {"FAL_RUN_HOST": host, "FAL_QUEUE_RUN_HOST": host}


def test_subscribe(authority, tmp_path):
    context, ca = authority
    with Emulator(tiny=True, latency=0.3, tls=context) as provider:
        told = run(SUBSCRIBE, ca, tmp_path, **on_host(provider))
    assert told["seen"][-1] == "Completed" and "InProgress" in told["seen"]
    assert told["result"]["video"]["url"].startswith(f"https://127.0.0.1:{provider.port}/files/")
    assert len(provider.posts) == 1


def test_submit_status_result(authority, tmp_path):
    context, ca = authority
    with Emulator(tiny=True, latency=0.2, tls=context) as provider:
        told = run(STEPS, ca, tmp_path, **on_host(provider))
    assert told["statuses"][-1] == "Completed" and told["id"] == provider.accepted[0].id
    assert told["result"] == told["again"] and told["result"]["seed"] == 3


def test_a_refusal_by_the_model(authority, tmp_path):
    context, ca = authority
    with Emulator(tiny=True, tls=context, faults=["content_policy"]) as provider:
        told = run(FAILS, ca, tmp_path, **on_host(provider))
    assert told["status"] == 422 and "content_policy_violation" in told["text"]


def test_upload_under_the_real_names(authority, tmp_path):
    context, ca = authority
    with Emulator(tiny=True, tls=context) as provider, Tunnel(provider.port) as tunnel:
        told = run(UPLOAD, ca, tmp_path, HTTPS_PROXY=f"http://127.0.0.1:{tunnel.port}")
        file = provider.state.media.find(told["url"])
        assert told["url"].startswith("https://v3.fal.media/files/")
        assert file is not None and file.path.read_bytes() == b"P" * 1000
        assert file.content_type == "image/png"


def test_a_lost_reply_makes_the_official_client_pay_again(authority, tmp_path):
    """What the journal is for: one call of theirs, two jobs."""
    context, ca = authority
    with Emulator(tiny=True, tls=context, faults=["lost_reply,nth=1"]) as provider:
        run(STEPS, ca, tmp_path, **on_host(provider))
    assert len(provider.accepted) == 2
