"""A real Dask scheduler and real workers on this machine, as processes, started as docs/scale.md says."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs/scale.md"
SECONDS = 60.0
"""A busy machine has so long for what takes two seconds."""
SCHEDULER = ("-m", "distributed.cli.dask_scheduler")
FOREIGN = (
    "-c",
    "import sys; sys.modules['callsheet'] = None\nfrom distributed.cli.dask_scheduler import main; main()",
)
"""A scheduler whose Python has no callsheet."""
WORKER = "from callsheet.cli.main import main; main()"


def until(there: Callable[[], object], what: str) -> None:
    """Wait. Raises AssertionError where it does not come."""
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, f"{what} did not come in {SECONDS:g} s"
        time.sleep(0.05)


class Cluster:
    """A scheduler and the workers that a test starts, whose files are in `folder`. host: the address of the
    scheduler's machine."""

    def __init__(self, folder: Path, tls: bool = False, host: str = "127.0.0.1") -> None:
        self.folder, self.tls, self.host = folder, tls, host
        folder.mkdir(exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"{'tls' if tls else 'dask'}://{host}:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def begin(
        self, scheduler: tuple[str, str] = SCHEDULER, on: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        """Start the scheduler. on: what begins a command on its machine."""
        words = [*self.documented("dask scheduler"), *(("--protocol", "tls") if self.tls else ())]
        begun = self.start([*on, sys.executable, *scheduler, *words], "scheduler")
        log = self.folder / "scheduler.log"
        until(lambda: b"Scheduler at:" in log.read_bytes(), "the scheduler")
        return begun

    def work(self, slots: int, on: Sequence[str] = (), **environ: str) -> subprocess.Popen[bytes]:
        """Start workers with so many slots, and wait until they are there. on: as in `begin`."""
        name = f"worker-{len(self.processes)}"
        words = self.documented("callsheet worker")
        words[0], words[words.index("--slots") + 1] = self.address, str(slots)
        begun = self.start([*on, sys.executable, "-c", WORKER, "worker", *words], name, environ)
        log = self.folder / f"{name}.log"
        until(
            lambda: f" at {self.address} (".encode() in log.read_bytes() or begun.poll() is not None,
            "workers",
        )
        assert begun.poll() is None, log.read_text()
        return begun

    def documented(self, command: str) -> list[str]:
        """The words of a command after its name, as the documentation has it, for this port."""
        lines = DOCS.read_text(encoding="utf-8").splitlines()
        line = next(line for line in lines if line.startswith(command))
        return shlex.split(
            line.removeprefix(command).replace("8786", str(self.port)).replace("127.0.0.1", self.host)
        )

    def end(self) -> None:
        for process in reversed(self.processes):
            end(process)

    def start(
        self, words: list[str], name: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a process. name: of its log."""
        around = {**os.environ, "HOME": str(self.folder), "TMPDIR": str(self.folder), **(environ or {})}
        with (self.folder / f"{name}.log").open("wb") as log:
            begun = subprocess.Popen(words, stdout=log, stderr=log, env=around, start_new_session=True)
        self.processes.append(begun)
        return begun


def end(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """End a process with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(how)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def cluster(
    folder: Path, slots: int = 2, tls: bool = False, scheduler: tuple[str, str] = SCHEDULER
) -> Iterator[Cluster]:
    """A scheduler with one machine of workers. tls: encrypted, with the certificates in the environment."""
    here = Cluster(folder, tls)
    try:
        here.begin(scheduler)
        if slots:
            here.work(slots, FAL_KEY="a worker must not have this")
        yield here
    finally:
        here.end()
