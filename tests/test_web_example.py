"""The reference web back end, examples/web, as a browser uses it."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.emulator import Emulator
from tests.api.test_functions import FILM

WEB = Path(__file__).parents[1] / "examples/web"

pytestmark = pytest.mark.skipif(
    find_spec("starlette") is None or find_spec("uvicorn") is None, reason="needs starlette and uvicorn"
)


@pytest.fixture
def site(in_folder: Path, seller: Emulator) -> Iterator[httpx.Client]:
    """The back end of a film, served on loopback."""
    import uvicorn

    (in_folder / "callsheet.toml").touch()
    film = in_folder / "film.yaml"
    film.write_text(FILM.replace("    approve: true\n", ""), encoding="utf-8")
    studio = runpy.run_path(str(WEB / "app.py"))["Studio"](film)
    server = uvicorn.Server(uvicorn.Config(studio.app(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        studio.close()
        server.should_exit = True
        thread.join()


def stream(site: httpx.Client, run: str, last: int = 0) -> list[dict[str, Any]]:
    """The events of a run after the one with the number `last`, as EventSource asks for them."""
    headers = {"last-event-id": str(last)} if last else {}
    text = site.get(f"/runs/{run}/events", headers=headers).text
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data")]


def begin(site: httpx.Client, **asked: object) -> str:
    reply = site.post("/runs", json=asked)
    assert reply.status_code == 201
    return str(reply.json()["id"])


def test_price_run_and_a_stream_taken_up_again(site: httpx.Client, seller: Emulator) -> None:
    plan = site.get("/plan").json()
    assert plan["version"] == 1 and plan["usd"]["high"] > 0
    events = stream(site, run := begin(site, budget=plan["usd"]["high"]))
    assert (events[0]["event"], events[-1]["event"]) == ("run_started", "run_finished")
    assert events[-1]["status"] == "done" and len(seller.accepted) == 2
    assert stream(site, run, last=events[3]["number"]) == events[4:]
    assert site.get("/plan").json()["usd"]["high"] == 0


def test_nothing_is_bought_without_a_budget(site: httpx.Client, seller: Emulator) -> None:
    assert site.post("/runs", json={}).status_code == 400
    other = {"origin": "https://evil.example"}
    assert site.post("/runs", json={"budget": 9}, headers=other).status_code == 403
    events = stream(site, begin(site, budget=0.0001))
    assert events[-1]["event"] == "run_aborted" and events[-1]["kind"] == "input"
    assert seller.posts == []


def test_a_page_of_another_site_reaches_nothing(site: httpx.Client, seller: Emulator) -> None:
    """Neither by its own name, nor by a name that it lets lead to this machine."""
    own = f"http://127.0.0.1:{site.base_url.port}"
    there = {"host": f"evil.example:{site.base_url.port}"}
    for headers in (
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"origin": own.replace("http:", "https:")},
        {**there, "origin": f"http://{there['host']}"},
        {**there},
    ):
        assert site.post("/runs", json={"budget": 9}, headers=headers).status_code in (400, 403), headers
        assert site.delete("/runs/nothing", headers=headers).status_code in (400, 403), headers
    for path in ("/", "/plan", "/runs/nothing/events"):
        assert site.get(path, headers=there).status_code == 400
    for host in ("localhost", "localhost:9", "127.0.0.1", f"127.0.0.1:{site.base_url.port}"):
        headers = {"host": host, "origin": f"http://{host}"}
        assert site.delete("/runs/nothing", headers=headers).status_code == 404, headers
    assert seller.posts == []


def test_a_preview_and_a_run_at_once_and_one_that_is_stopped(site: httpx.Client, seller: Emulator) -> None:
    preview, run = begin(site, preview=True), begin(site, budget=1)
    assert stream(site, preview)[-1]["status"] == "done" and stream(site, run)[-1]["status"] == "done"
    stopped = begin(site, preview=True)
    assert site.delete(f"/runs/{stopped}").status_code == 202
    assert stream(site, stopped)[-1]["status"] in ("interrupted", "done")
    assert site.delete("/runs/nothing").status_code == site.get("/runs/nothing/events").status_code == 404


def test_mistakes_in_the_file_come_with_their_places(site: httpx.Client, in_folder: Path) -> None:
    (in_folder / "film.yaml").write_text("callsheet: 1\nnodes:\n  a: {uses: no/such}\n", encoding="utf-8")
    reply = site.get("/plan")
    assert reply.status_code == 400 and reply.json()["diagnostics"][0]["line"] == 3
    (event,) = stream(site, begin(site, preview=True))
    assert event["event"] == "run_aborted" and event["diagnostics"][0]["code"] == "unknown-uses"


@pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict", "--config-file="], ["pyright", "--pythonpath", sys.executable]],
    ids=["mypy", "pyright"],
)
def test_its_types_are_right(checker: list[str], tmp_path: Path) -> None:
    if find_spec(checker[0]) is None:
        pytest.skip(f"{checker[0]} is not installed")
    command = [sys.executable, "-m", *checker, str(WEB / "app.py")]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MYPY_CACHE_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout
