"""A film with takes and an approval, bought from the emulated provider, and the review server of it."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlsplit

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.review.film import Film
from callsheet.review.server import Place, Told, serve_film
from callsheet.runtime.cancellation import Stop
from tests.conftest import browser_path

FILM = """\
# A night on the coast.
callsheet: 1
name: coast
inputs:
  look: 35mm film   # the look of all
axes:
  shot: {over: [dawn, dusk], key: "${{ shot }}"}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: 2
    approve: true
    with:
      prompt: the sea at ${{ shot }}, ${{ inputs.look }}  # what is seen
      image_size: square
      seed: 7
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ card.images[0] }}"}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
"""


@dataclass
class Page:
    """A review server that listens. address: of its page."""

    address: str
    stop: Stop
    thread: threading.Thread
    parts: Any = field(init=False)

    def __post_init__(self) -> None:
        self.parts = urlsplit(self.address)

    @property
    def token(self) -> str:
        return str(self.parts.path.strip("/"))

    @property
    def origin(self) -> str:
        return f"{self.parts.scheme}://{self.parts.netloc}"

    def ask(
        self, path: str, method: str = "GET", body: object = None, at: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a reply. at: the whole path, instead of one behind the token."""
        connection = http.client.HTTPConnection(self.parts.hostname, self.parts.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, f"/{self.token}/{path}" if at is None else at, data, named)
        reply = connection.getresponse()
        found = reply.status, {n.lower(): v for n, v in reply.getheaders()}, reply.read()
        connection.close()
        return found

    def read(self, path: str) -> Any:
        return json.loads(self.ask(path)[2])

    def do(self, action: str, **asked: object) -> tuple[int, Any]:
        """Status and answer of an action, asked for as the page does."""
        status, _, body = self.ask(
            f"do/{action}",
            "POST",
            asked,
            Content_Type="application/json",
            X_Callsheet_Token=self.token,
            Origin=self.origin,
        )
        return status, json.loads(body)

    def shot(self, address: str) -> Any:
        return next(shot for shot in self.read("film.json")["shots"] if shot["address"] == address)

    def seen(self, *addresses: str) -> dict[str, str]:
        """Address → the digest of its first take, as the page shows it."""
        return {address: self.shot(address)["takes"][0]["digest"] for address in addresses}

    def close(self) -> None:
        self.stop.request()
        self.thread.join(20)
        assert not self.thread.is_alive()


Open = Callable[..., Page]


@pytest.fixture
def open_page() -> Iterator[Open]:
    """Opens review servers, and closes them after the test."""
    pages: list[Page] = []

    def opened(file: str = "film.yaml", saved: Callable[[str], None] | None = None, **film: Any) -> Page:
        ready: Queue[str] = Queue()
        stop = Stop()
        told = Told(lambda address, _: ready.put(address), saved)
        given = Film(Path(file), **film), Place(), told, stop
        thread = threading.Thread(target=serve_film, args=given, daemon=True)
        thread.start()
        pages.append(Page(ready.get(timeout=120), stop, thread))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


@pytest.fixture
def coast(seller: Emulator) -> Path:
    """The film in the current folder; nothing is made yet."""
    return write_film()


def write_film() -> Path:
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    return Path("film.yaml")


@pytest.fixture(scope="session")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the film with its cards, bought once for all tests; they copy it."""
    folder = tmp_path_factory.mktemp("bought")
    with pytest.MonkeyPatch.context() as patch, Emulator(tiny=True) as emulator:
        patch.chdir(folder)
        given = {"CALLSHEET_FAL_URL": emulator.url, "FAL_KEY": "test", "CALLSHEET_TODAY": "2026-11-30"}
        for name, value in {**given, "CALLSHEET_CONFIG": str(tmp_path_factory.mktemp("grants"))}.items():
            patch.setenv(name, value)
        write_film()
        assert callsheet.run("film.yaml", confirm=True).status == "waiting"
    return folder


@pytest.fixture
def made(coast: Path, bought: Path) -> Path:
    """The film with its cards, which wait for an approval."""
    shutil.copytree(bought, ".", dirs_exist_ok=True)
    return coast


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        found = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        yield found
        found.close()


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """Opens an address in a tab of its own. Nothing may go wrong in it unseen. lost: the server will end."""
    wrong: list[str] = []
    contexts: list[Any] = []

    def opened(address: str, lost: bool = False, **options: Any) -> Any:
        contexts.append(browser.new_context(**options))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(20_000)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        if not lost:
            tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        tab.goto(address)
        tab.wait_for_selector(".board li")
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
