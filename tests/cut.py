"""A way to a server on this machine that can be cut: what is sent on it is swallowed then, and nobody is
told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BYTES = 65536


class Way:
    """Passes on what comes to `port`, to the `server` port and back, until it is cut. When it is mended,
    connections on which something was swallowed end, as a router's memory of them does."""

    def __init__(self, server: int) -> None:
        self.server = server
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._is_cut = False
        self._spoiled: set[socket.socket] = set()
        self._turn = threading.Lock()
        self._all: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        self._is_cut = True

    def mend(self) -> None:
        with self._turn:
            self._is_cut = False
            for each in self._spoiled:
                _ended(each)
            self._spoiled.clear()

    def close(self) -> None:
        self._door.close()
        for each in list(self._all):
            _ended(each)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.server))
                except OSError:  # the server is not there
                    client.close()
                    continue
                self._all |= {client, server}
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(BYTES):
                with self._turn:
                    if self._is_cut:
                        self._spoiled |= {one, other}
                    swallowed = one in self._spoiled
                if not swallowed:
                    other.sendall(data)
        with self._turn:
            if not self._is_cut:
                for each in (one, other):
                    _ended(each)
            else:
                self._spoiled |= {one, other}


def _ended(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def ways(*servers: int | None) -> Iterator[list[Way]]:
    """A way to each of these ports."""
    found = [Way(server) for server in servers if server is not None]
    try:
        yield found
    finally:
        for way in found:
            way.close()
