"""A provider from another package buys through the same ledger as our own. It is the one of the docs."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from callsheet.nodes import providers
from callsheet.nodes.registry import Registry

DOCS = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"```python\n(# studio/callsheet\.py\n.*?)```", re.DOTALL)
KEY = "planted-studio-key-9f8e7d6c"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"
    b"\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\3\1\1\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)
FILM = """
callsheet: 1
name: film
nodes:
  still:
    uses: studio/picture
    with: {prompt: a lighthouse}
outputs:
  still: ${{ still.picture }}
"""


class Service(ThreadingHTTPServer):
    """studio.example on this machine. refuses: status → the answer to every POST."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.posts: list[dict[str, object]] = []
        self.keys: set[str | None] = set()
        self.answer = 201

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.keys.add(self.headers["Authorization"])
        self.server.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        taken = self.server.answer == 201
        self._send(self.server.answer, {"id": "p1"} if taken else {"error": f"no {KEY}"})

    def do_GET(self) -> None:
        if self.path == "/p1.png":
            self._send(200, PNG, "image/png")
        else:
            self._send(200, {"state": "ready", "picture": f"{self.server.url}/p1.png"})

    def _send(self, status: int, body: object, kind: str = "application/json") -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        Thread(target=service.serve_forever, args=(0.01,), daemon=True).start()
        yield service
        service.shutdown()


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the package of the docs is installed."""
    site = tmp_path_factory.mktemp("site")
    (site / "studio").mkdir()
    found = BLOCK.search(DOCS.read_text(encoding="utf-8"))
    assert found
    (site / "studio" / "callsheet.py").write_text(found[1])
    info = site / "studio-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: studio\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[callsheet.providers]\nstudio = studio.callsheet:STUDIO\n")
    return site


@pytest.fixture
def environ(site: Path, service: Service) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(site), *sys.path]), "STUDIO_URL": service.url}


def test_a_provider_of_another_package_is_paid_once(project, service, environ) -> None:
    project.write(FILM)
    _, refused = project.start(**environ).communicate(timeout=300)
    assert "STUDIO_KEY is not set, so nothing was sent" in refused and not service.posts
    keyed = {**environ, "STUDIO_KEY": KEY}
    for words in (("1 made", "$0.02"), ("1 reused",)):
        said, trouble = project.start("--output", "plain", **keyed).communicate(timeout=300)
        assert all(word in said for word in words), (said, trouble)
    assert service.posts == [{"prompt": "a lighthouse"}] and service.keys == {f"Bearer {KEY}"}
    runs, _ = project.command("show", "film-1", **keyed).communicate(timeout=300)
    assert "still" in runs and "COMMITTED" in runs


def test_what_it_refuses_shows_no_key(project, service, environ) -> None:
    service.answer = 422
    project.write(FILM)
    said, trouble = project.start("--output", "json", **environ, STUDIO_KEY=KEY).communicate(timeout=300)
    assert "the request was refused with 422: no ***" in said, (said, trouble)
    assert KEY not in said + trouble and len(service.posts) == 1


def test_an_unknown_endpoint_of_it_is_unknown(project, environ) -> None:
    project.write(FILM.replace("studio/picture", "studio/pictur"))
    _, trouble = project.command("check", "film.yaml", **environ).communicate(timeout=300)
    assert "film.yaml:6:11: error[unknown-uses]" in trouble


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ('"frame", (Rate(0.02, {}),)', "is for each `frame`, which nothing counts"),
        ('"image", (Rate(0.02, {"size": "large"}),)', "write {'size': ('large',)}"),
    ],
)
def test_a_price_that_nothing_counts_is_said(project, site, environ, price, said) -> None:
    module = site / "studio" / "callsheet.py"
    whole = module.read_text()
    assert '"image", (Rate(0.02, {}),)' in whole
    module.write_text(whole.replace('"image", (Rate(0.02, {}),)', price))
    project.write(FILM)
    _, trouble = project.command("check", "film.yaml", **environ).communicate(timeout=300)
    assert "film.yaml:6:11: error[bad-plug-in]: the price of `studio/picture`" in trouble and said in trouble


def test_what_a_broken_provider_says_shows_no_key(project, site, environ) -> None:
    module = site / "studio" / "callsheet.py"
    whole = module.read_text()
    found = "return PICTURE if uses == PICTURE.uses else None"
    assert found in whole
    module.write_text(whole.replace(found, "raise ValueError(os.environ['STUDIO_KEY'])"))
    project.write(FILM)
    said, trouble = project.command("check", "film.yaml", **environ, STUDIO_KEY=KEY).communicate(timeout=300)
    assert "the provider `studio` broke on `studio/picture`: ValueError" in trouble
    assert KEY not in said + trouble


def test_a_provider_of_our_own_is_one_folder_and_one_line(project, site, service, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("STUDIO_URL", service.url)
    monkeypatch.setitem(providers.OWN, "studio", "studio.callsheet:STUDIO")
    assert Registry().find("studio/picture").provider == "studio"
    assert "studio" in providers.every_provider() and providers.missing("studio") == "STUDIO_KEY"
    monkeypatch.setenv("STUDIO_KEY", KEY)
    assert not providers.missing("studio") and KEY in providers.secrets()
    project.write(FILM)
    assert [project.run().status for _ in range(2)] == ["done", "done"]
    assert len(service.posts) == 1 and project.finished["still"].reused


FORGETFUL = """
    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        async def nothing() -> None: ...

        return await self.post("/pictures", outgoing, nothing, lambda reply: Accepted(str(reply["id"])))

    async def status"""


@pytest.mark.parametrize("killed", ["", "call.after_reply"])
def test_a_provider_that_does_not_announce_its_post_never_sends_it_twice(
    project, site, service, environ, killed
) -> None:
    module = site / "studio" / "callsheet.py"
    whole = module.read_text()
    before, _, after = whole.partition("\n    async def status")
    module.write_text(before[: before.index("    async def submit")] + FORGETFUL.lstrip("\n") + after)
    project.write(FILM)
    keyed = {**environ, "STUDIO_KEY": KEY}
    project.start(failpoint=killed, **keyed).communicate(timeout=300)
    assert len(service.posts) == 1
    _, trouble = project.start(**keyed).communicate(timeout=300)
    assert len(service.posts) == 1 and "callsheet reconcile" in trouble
    said, _ = project.command("show", "film-1", **keyed).communicate(timeout=300)
    assert "UNKNOWN" in said
    if not killed:
        assert "found" in project.command("reconcile", **keyed).communicate(timeout=300)[0]
        assert (
            "fetched still" in project.command("resume", "--fetch-only", **keyed).communicate(timeout=300)[0]
        )
    assert len(service.posts) == 1


@pytest.fixture
def left(project, site, service, environ) -> dict[str, str]:
    """A paid request of a run that was killed, and the environment in which its package is gone."""
    project.write(FILM)
    killed = project.start(failpoint="call.after_accepted", **environ, STUDIO_KEY=KEY)
    killed.communicate(timeout=300)
    assert len(service.posts) == 1
    shutil.move(site, site.with_name("gone"))
    return {**environ, "STUDIO_KEY": KEY}


def test_requests_of_a_package_that_is_gone_are_named_with_it(project, site, service, left) -> None:
    for words in (("resume", "--fetch-only"), ("resume",), ("cancel",), ("reconcile",)):
        command = project.command(*words, **left)
        said = "".join(command.communicate(timeout=300))
        assert command.returncode == 1, (words, said)
        assert "the provider `studio` is not installed; studio 1.0 bought this request" in said, (words, said)
        assert "install studio==1.0, then `callsheet resume --fetch-only`; nothing is paid again" in said
        assert "Traceback" not in said and "This is a bug" not in said
    shutil.move(site.with_name("gone"), site)
    assert "fetched still" in project.command("resume", "--fetch-only", **left).communicate(timeout=300)[0]
    assert len(service.posts) == 1


def test_a_package_that_breaks_at_import_is_named_too(project, site, service, left) -> None:
    shutil.move(site.with_name("gone"), site)
    (site / "studio" / "callsheet.py").write_text("raise RuntimeError('no licence')")
    command = project.command("resume", "--fetch-only", **left)
    said = "".join(command.communicate(timeout=300))
    assert command.returncode == 1
    assert "the provider `studio` cannot be imported: RuntimeError: no licence" in said
    assert "help: repair it, then `callsheet resume --fetch-only`; nothing is paid again" in said
