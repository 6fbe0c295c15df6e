"""Projects that buy from an emulated provider, in this process, with every pause cut short."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import callsheet
from callsheet import failpoints
from callsheet.cli.main import callsheet as verbs
from callsheet.emulator import Emulator
from callsheet.emulator.results import tiny
from callsheet.nodes.fal.provider import Fal
from callsheet.nodes.fal.queue import FalQueue
from callsheet.nodes.huggingface.provider import HuggingFace
from callsheet.nodes.huggingface.queue import HuggingFaceQueue
from callsheet.nodes.preview import writer
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.events import Event, NodeFailed, NodeFinished, RunReused, RunStarted
from callsheet.runtime.execute.result import Result
from callsheet.runtime.lock import lock_path
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import prepare
from callsheet.runtime.run import run
from callsheet.runtime.workspace import Workspace

IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
VIDEO = "fal-ai/t2v-turbo"
USES = {"image": (IMAGE, "images"), "video": (VIDEO, "video")}
KEY = "planted-fal-key:7f3a9c51e2d84b06"
MAIN = "from callsheet.cli.main import main; main()"
LONGEST_PAUSE = 0.02
REPLY_SECONDS = 30.0
"""How long a reply is waited for: far longer than any takes on a busy machine."""
BRIEF_SECONDS = 1.5
"""The same where a reply that does not come is what the test is about."""
PASSING = 6
DRAWN_BY = "callsheet.emulator.results.output.tiny"
"""The function that draws the results of the emulator."""


SHOTS = """
callsheet: 1
name: shots
{extra}
axes:
  shot: {{over: "${{{{ range({count}) }}}}"}}
nodes:
  made:
    each: shot
    uses: {uses}
    {each}
    with: {{prompt: "a lighthouse, shot ${{{{ shot }}}}"}}
outputs:
  all: ${{{{ made.{field} }}}}
"""


CHAIN = """
callsheet: 1
name: chain
axes:
  shot: {over: "${{ range(COUNT) }}"}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "keyframe ${{ shot }}"}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "clip ${{ shot }}", image_url: "${{ keyframe.images[0] }}"}
outputs:
  clips: ${{ clip.video }}
"""


class Project:
    """A folder with one pipeline, its state and its results."""

    def __init__(self, folder: Path, provider: Emulator) -> None:
        self.folder = folder
        self.provider = provider
        self.file = folder / "film.yaml"
        self.state = folder / ".callsheet"
        self.out = folder / "out"
        self.events: list[Event] = []

    def write(self, text: str) -> Project:
        self.file.write_text(text, encoding="utf-8")
        return self

    def shots(self, kind: str, count: int, extra: str = "", each: str = "") -> Project:
        """A pipeline of `count` independent calls for media of `kind`.

        extra: goes to its top level. each: goes to the node.
        """
        uses, field = USES[kind]
        return self.write(SHOTS.format(uses=uses, field=field, count=count, extra=extra, each=each))

    def chain(self, count: int) -> Project:
        """A pipeline of `count` keyframes, and of as many clips that start from them."""
        return self.write(CHAIN.replace("COUNT", str(count)))

    def start(self, *options: str, failpoint: str = "", **environ: str) -> subprocess.Popen[str]:
        """A process of its own that runs the pipeline for money."""
        return self.command("run", "film.yaml", "--yes", *options, failpoint=failpoint, **environ)

    def command(self, *words: str, failpoint: str = "", **environ: str) -> subprocess.Popen[str]:
        """`callsheet` with these words, as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-B", "-c", MAIN, *words],
            cwd=self.folder,
            env={**os.environ, **environ, failpoints.VARIABLE: failpoint},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **options: Any) -> Result:
        """Run the pipeline for money, with these options; `events` are those of this run."""
        self.events = []
        graph = callsheet.load(self.file)
        with Workspace(state=self.state) as workspace:
            prepared = prepare(graph, workspace, RunOptions(out=self.out, **options))
            return run(prepared, self.events.append, confirm=True)

    @property
    def failures(self) -> dict[str, NodeFailed]:
        return {e.address: e for e in self.events if isinstance(e, NodeFailed)}

    @property
    def finished(self) -> dict[str, NodeFinished]:
        """The instances that are there in the end; what was reused as if it had been made just now."""
        uses = {i.address: i.uses for e in self.events if isinstance(e, RunStarted) for i in e.instances}
        reused = {
            address: NodeFinished(address, uses[address], 0.0, 0.0, files, reused=True)
            for event in self.events
            if isinstance(event, RunReused)
            for address, files in event.files.items()
        }
        return reused | {e.address: e for e in self.events if isinstance(e, NodeFinished)}

    @property
    def kinds(self) -> Counter[str]:
        """How many instances of the last run ended how: "done", or the kind of their failure."""
        return Counter([f.kind for f in self.failures.values()] + ["done"] * len(self.finished))

    def forget(self) -> None:
        """Nothing that was made is on this machine any more; the lock file stays."""
        shutil.rmtree(self.state)
        shutil.rmtree(self.out, ignore_errors=True)

    def clone(self, folder: Path) -> Project:
        """Another clone of the repository, in an empty folder: what is committed, and nothing else."""
        (folder / "callsheet.toml").touch()
        for path in filter(Path.exists, (self.file, lock_path(self.file))):
            shutil.copy(path, folder)
        return Project(folder, self.provider)

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        heal(self.provider)

    @property
    def usd(self) -> float:
        """What the last run says it spent."""
        return sum(e.usd for e in self.finished.values())

    @property
    def uploads(self) -> int:
        return sum(entry.path == "/files/upload" for entry in self.provider.requests)

    @property
    def posts(self) -> int:
        return len(self.provider.posts)

    @property
    def accepted(self) -> Counter[str]:
        """Accepted POSTs by prompt."""
        return Counter(post.body["prompt"] for post in self.provider.posts if post.accepted)


class Desk:
    """A person at the command line, in the folder of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def type(self, *words: str) -> str:
        """What `callsheet` with these words prints. Raises what it raises."""
        result = CliRunner().invoke(verbs, list(words), standalone_mode=False, catch_exceptions=False)
        return result.output

    def made(self) -> set[str]:
        """What a run makes anew."""
        assert self.project.run().status == "done"
        return {address for address, event in self.project.finished.items() if not event.reused}


def heal(provider: Emulator) -> None:
    """Disarm every fault; requests and files stay."""
    request = urllib.request.Request(f"{provider.url}/_callsheet/faults", method="DELETE")
    urllib.request.urlopen(request).close()


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator(tiny=True) as provider:
        yield provider


@pytest.fixture
def provider(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulated provider that starts with nothing, and the keys to it."""
    emulator.reset()
    monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
    monkeypatch.setenv("CALLSHEET_HF_URL", emulator.url)
    monkeypatch.setenv("FAL_KEY", KEY)
    yield emulator
    heal(emulator)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause is longer than 20 ms."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, LONGEST_PAUSE))

    monkeypatch.setattr("callsheet.runtime.calls.buyer.Clock", lambda: Clock(sleep=sleep))
    monkeypatch.setattr("callsheet.runtime.calls.rate_limits.PAUSE", LONGEST_PAUSE / 2)
    monkeypatch.setattr("callsheet.runtime.calls.buyer.FetchRetry", lambda: FetchRetry(passing=PASSING))
    wait_for_replies(monkeypatch, REPLY_SECONDS)


@pytest.fixture
def brief(hurry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replies that do not come are given up soon."""
    wait_for_replies(monkeypatch, BRIEF_SECONDS)


def wait_for_replies(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Wait so long for the reply to a request, and five times as long for a result."""
    for provider, queue in ((Fal, FalQueue), (HuggingFace, HuggingFaceQueue)):
        monkeypatch.setattr(provider, "queue", lambda _, queue=queue: queue(submit_seconds=seconds))
    monkeypatch.setattr("callsheet.nodes.queue.request_queue.POLL_SECONDS", seconds)
    monkeypatch.setattr("callsheet.nodes.queue.request_queue.RESULT_SECONDS", 5 * seconds)


@pytest.fixture
def project(tmp_path: Path, provider: Emulator, hurry: None) -> Project:
    return Project(tmp_path, provider)


def each_different(start: int = 0) -> Callable[[Any, bytes], bytes]:
    """Draws results of which none is like another one, also for the same request. start: its first number."""
    numbers = itertools.count(start)
    return lambda kind, digest: tiny.tiny(kind, next(numbers).to_bytes(4) + digest[4:])


@pytest.fixture
def different(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider gives another result for each request."""
    monkeypatch.setattr(DRAWN_BY, each_different())


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """From here on a model that is asked for a list writes so many elements."""
    return lambda count: monkeypatch.setattr(writer, "USUAL", count)


@pytest.fixture
def desk(project: Project, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(project.folder)
    return Desk(project)


class Hold:
    """The provider's time stands still until `end`: models work on, slow replies do not come."""

    def __init__(self) -> None:
        self._ended = threading.Event()

    async def sleep(self, seconds: float) -> None:
        while not self._ended.is_set():
            await asyncio.sleep(0.005)

    def end(self) -> None:
        self._ended.set()


@pytest.fixture
def hold(provider: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    hold = Hold()
    monkeypatch.setattr(provider.state.clock, "sleep", hold.sleep)
    yield hold
    hold.end()
