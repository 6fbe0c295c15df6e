"""`--notify`: tells a command or a URL of the person that a run is over, or needs a decision."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

import click

from callsheet.cli.views import wording as words
from callsheet.errors import CallsheetError
from callsheet.runtime.event_readers import aborted
from callsheet.runtime.events import Emit, Event, NodeGate, RunAborted, RunFinished, RunStarted

SECONDS: Final = 10.0
"""How long a command or a server may take."""
LONGEST: Final = 1_000
"""Characters of a message."""
PREFIX: Final = "CALLSHEET_NOTIFY_"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. kind: "done", "failed", "waiting" (for a person), "decision" (a person is asked while the
    run goes on) or "aborted" (it could not begin, or not go on). text: one line for people. film and run:
    their names. usd: what the run cost. next_step: what to type, or to do, "" for nothing."""

    kind: str
    text: str
    film: str
    run: str
    usd: float = 0.0
    next_step: str = ""


class Notifier:
    """Reads the events of a run, and sends messages in a thread of its own: the run never waits for them, and
    goes on where one cannot be sent. target: a command for the shell of the system, or a URL that begins with
    http:// or https://; "" for none. At the end of the `with` block it waits until all are sent."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._sender = ThreadPoolExecutor(1, "notify")
        self._film = ""
        self._asked = self._over = False
        self.troubles: list[str] = []

    def __enter__(self) -> Notifier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, CallsheetError) and not self._over:
            self._read(aborted(error))
        self._sender.shutdown()
        for trouble in dict.fromkeys(self.troubles):
            click.echo(words.printable(f"note: --notify: {trouble}"), err=True)

    def after(self, emit: Emit) -> Emit:
        """`emit`, and then this."""

        def both(event: Event) -> None:
            emit(event)
            self._read(event)

        return both if self._target else emit

    def _read(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._film = event.pipeline
            case NodeGate(gate="closed" | "changed") if not self._asked:
                self._asked = True
                self._send("decision", words.gate(event), event, next_step=event.next_step)
            case RunFinished():
                self._over = True
                if event.status != "interrupted":
                    text = " ".join([words.closing(event), *words.trouble(event)])
                    self._send(event.status, text, event, event.usd, event.next_step)
            case RunAborted():
                self._send("aborted", event.message, event, next_step=event.next_step)

    def _send(self, kind: str, text: str, event: Event, usd: float = 0.0, next_step: str = "") -> None:
        film = words.printable(self._film)
        said = words.printable(f"{film}: {text}" if film else text)[:LONGEST]
        message = Message(kind, said, film, event.run, usd, words.printable(next_step)[:LONGEST])
        if self._target:
            self._sender.submit(self._deliver, message)

    def _deliver(self, message: Message) -> None:
        try:
            if self._target.startswith(("http://", "https://")):
                asyncio.run(_post(self._target, message))
            else:
                _run(self._target, message)
        except Exception as error:  # whatever it is, the run is worth more
            self.troubles.append(str(error) or type(error).__name__)


def _run(command: str, message: Message) -> None:
    """Run `command` in the shell of the system. The message is in its environment and, as JSON, on its
    standard input; it never becomes a part of the command itself. Raises OSError where that fails."""
    values: Mapping[str, object] = asdict(message)
    told = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
    try:
        done = subprocess.run(
            command,
            shell=True,
            input=json.dumps(values, ensure_ascii=False).encode(),
            env={**os.environ, **told},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"the command took longer than {SECONDS:g} s") from error
    if done.returncode != 0:
        raise OSError(f"the command ended with {done.returncode}")


async def _post(url: str, message: Message) -> None:
    """Send the message as JSON. Raises OSError where the server does not take it; the address, which may have
    a secret in it, is in no message."""
    from callsheet.nodes.http.client import Client
    from callsheet.nodes.http.message import Call, Lost, Unsent

    host, client = urlsplit(url).hostname or "the address", Client(connections=1, keep_alive=0)
    content = json.dumps(asdict(message), ensure_ascii=False).encode()
    try:
        call = Call("POST", url, {"content-type": "application/json"}, content, seconds=SECONDS)
        reply = await client.send(call)
    except (Unsent, Lost) as error:
        raise OSError(f"{host} {error}") from error
    except Exception as error:
        raise OSError(f"{host} cannot be told: {type(error).__name__}") from None
    finally:
        await client.close()
    if not 200 <= reply.status < 300:
        raise OSError(f"{host} answered {reply.status}")
