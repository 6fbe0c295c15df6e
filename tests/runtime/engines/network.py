"""Machines on a network of their own: network namespaces, joined by a bridge in one more."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

NUMBERS = count(1)


def ip(*words: str) -> None:
    """Raises CalledProcessError where the system says no."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Network:
    """Machines with one cable each to the same switch. Nothing of it is in the network of the tests."""

    def __init__(self) -> None:
        self._name = f"cs-{os.getpid()}-{next(NUMBERS)}"
        self._switch = self._made("switch")
        self._cables: dict[str, str] = {}
        ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", self._switch, "link", "set", "bridge", "up")

    def add(self, machine: str) -> str:
        """Put a machine there. Returns its address."""
        space, number = self._made(machine), len(self._cables) + 1
        cable = self._cables[machine] = f"to{number}"
        ip("-n", self._switch, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("-n", space, "addr", "add", f"10.83.0.{number}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            ip("-n", space, "link", "set", link, "up")
        ip("-n", self._switch, "link", "set", cable, "up")
        self.join(machine)
        return f"10.83.0.{number}"

    def on(self, machine: str) -> tuple[str, ...]:
        """What begins a command on this machine."""
        return ("ip", "netns", "exec", self._space(machine))

    def cut(self, machine: str) -> None:
        """Pull its cable: nobody hears of it, and nobody is told."""
        ip("-n", self._switch, "link", "set", self._cables[machine], "nomaster")

    def join(self, machine: str) -> None:
        """Plug it in again."""
        ip("-n", self._switch, "link", "set", self._cables[machine], "master", "bridge")

    def remove(self) -> None:
        for machine in (*self._cables, "switch"):
            subprocess.run(["ip", "netns", "del", self._space(machine)], check=False, capture_output=True)

    def _space(self, machine: str) -> str:
        return f"{self._name}-{machine}"

    def _made(self, machine: str) -> str:
        ip("netns", "add", self._space(machine))
        return self._space(machine)


@contextmanager
def network() -> Iterator[Network]:
    here = Network()
    try:
        yield here
    finally:
        here.remove()


@cache
def may_make_networks() -> bool:
    """Whether this user of this system can make network namespaces, and join them."""
    if shutil.which("ip") is None:
        return False
    try:
        with network() as tried:
            tried.add("one")
            subprocess.run([*tried.on("one"), "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
