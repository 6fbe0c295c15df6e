"""What every test lives under: no home folder, no network but loopback, no real key."""

import os
import shutil
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from callsheet.cli.main import main
from callsheet.emulator import Emulator
from callsheet.nodes.preview import image, perform, video
from callsheet.nodes.preview.take import Take
from callsheet.spec.media import Facts
from tests.postgres import Server, free_port, programs, served
from tests.runtime.engines.network import may_make_networks
from tests.s3 import s3, s3_server

__all__ = ["s3", "s3_server"]

BUSY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
"""A busy machine is no failure of a test."""
settings.register_profile("here", **BUSY)
settings.register_profile("ci", derandomize=True, **BUSY)
settings.load_profile("ci" if "CI" in os.environ else "here")

Typed = Callable[..., tuple[int, str, str]]
KEYS = ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "HF_TOKEN")


# A shell that starts the tests in the background lets them ignore Ctrl-C, and their processes inherit that.
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    and threading.current_thread() is threading.main_thread()
):
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run explorations in their long form")


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether explorations (fuzzing, simulation, kills) run in their long form."""
    return bool(request.config.getoption("--long"))


def browser_path() -> str | None:
    """The Chromium that is installed here; None where it or Playwright is not."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found if find_spec("playwright") else None


NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "espeak": ("espeak-ng", lambda: shutil.which("espeak-ng") is not None),
    "melt": ("melt of MLT", lambda: shutil.which("melt") is not None),
    "postgres": ("Postgres with psycopg", lambda: programs() is not None),
    "networks": ("the right to make network namespaces (root, with iproute2)", may_make_networks),
    "chromium": ("Chromium with Playwright", lambda: browser_path() is not None),
}
"""What tests may need beside Python packages: a name → what that is, and whether it is here."""
REQUIRED = frozenset(filter(None, os.environ.get("CALLSHEET_REQUIRE", "").split(",")))
"""Names of `NEEDS` that have to be here: a test that needs one of them fails where it is not, and is not
skipped."""


PORTABLE = (
    "tests/dsl/axes",
    "tests/dsl/expression",
    "tests/dsl/values",
    "tests/dsl/yaml",
    "tests/spec",
    "tests/cli/test_views.py",
    "tests/nodes/media/operations",
    "tests/nodes/media/test_probe.py",
    "tests/runtime/ledger",
    "tests/runtime/store",
    "tests/end_to_end/test_money.py",
    "tests/end_to_end/test_windows.py",
    "tests/end_to_end/test_first_day.py",
)
"""What runs on every Python and with the oldest and the newest libraries, as the mark `portable`: where a
version of one of them is most likely to make a difference."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    root = Path(__file__).parents[1]
    for item in items:
        if item.path.relative_to(root).as_posix().startswith(PORTABLE):
            item.add_marker("portable")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "portable: runs on every Python, with old and new libraries")
    config.addinivalue_line("markers", "needs(name): what the test needs, see NEEDS in conftest.py")
    unknown = REQUIRED - NEEDS.keys()
    if unknown:
        raise pytest.UsageError(f"CALLSHEET_REQUIRE names {', '.join(sorted(unknown))}, which no test needs")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs what is not here; fail it where `CALLSHEET_REQUIRE` says that it is here."""
    for mark in item.iter_markers("needs"):
        (name,) = mark.args
        what, is_here = NEEDS[name]
        if not is_here():
            said = f"{what} is not here"
            pytest.fail(said) if name in REQUIRED else pytest.skip(said)


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home folder of its own, no keys, no options for pytest, and sockets that reach this machine alone."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setenv("CALLSHEET_CONFIG", str(tmp_path_factory.mktemp("configuration")))
    monkeypatch.setenv("CALLSHEET_TODAY", "2026-11-30")
    monkeypatch.delenv("CALLSHEET_LEDGER", raising=False)
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)  # a pytest that a test starts has options of its own
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    yield


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A Postgres server; for tests with the mark `needs("postgres")`."""
    yield from served()


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[Server]:
    """The same, on a port of this machine."""
    yield from served(free_port())


@pytest.fixture
def books_url(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a ledger with nothing in it, which the environment names."""
    url = postgres.url(f"t{uuid.uuid4().hex[:20]}")
    monkeypatch.setenv("CALLSHEET_LEDGER", url)
    return url


@pytest.fixture
def seller(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulated provider, and the key to it, for what is made in an empty current folder."""
    with Emulator(tiny=True) as emulator:
        monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
        monkeypatch.setenv("FAL_KEY", "test")
        yield emulator


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; the earlier one is current again after the test, wherever that went."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


SIDE = 320
"""Longer side of what `small_previews` draws, in pixels."""


@pytest.fixture
def small_previews(monkeypatch: pytest.MonkeyPatch, long: bool) -> None:
    """Stand-ins keep their lengths, rates and shapes, but are small. The long form draws them in full."""
    if long:
        return

    def small(facts: Facts) -> Facts:
        if facts.width is None or facts.height is None:
            return facts
        scale = min(1.0, SIDE / max(facts.width, facts.height))
        return replace(facts, width=round(facts.width * scale), height=round(facts.height * scale))

    def made(take: Take) -> Take:
        return replace(take, facts=small(take.facts))

    monkeypatch.setattr(perform, "Take", lambda *given: made(Take(*given)))
    monkeypatch.setattr(image, "USUAL", small(image.USUAL))
    monkeypatch.setattr(video, "USUAL", small(video.USUAL))


@pytest.fixture
def callsheet(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types a command; (exit code, standard output, standard error). What it prints as JSON is held against
    its schema."""

    def typed(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsys.readouterr()
        code = int(left.value.code or 0)
        _require_schema(arguments, code, out)
        return code, out, err

    return typed


def _require_schema(arguments: Sequence[str], code: int, out: str) -> None:
    if not {"json", "--json"} & {*arguments} or (code == 2 and not out):
        return
    from tests.documents import name_of, require_events, require_valid

    if "--json" in arguments and (name := name_of(arguments)):
        require_valid(name, out)
    if arguments[:1] == ("run",) and arguments[-2:] == ("--output", "json"):
        require_events(out.splitlines())
