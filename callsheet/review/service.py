"""The review server: what each address of it answers, and how it is started and stopped."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Final

from callsheet.errors import CallsheetError
from callsheet.review.access import Access
from callsheet.review.actions import Actions
from callsheet.review.asked import asked_in
from callsheet.review.assets import TYPES, asset_reply, page_reply
from callsheet.review.connection import MOST_HEAD, Connection
from callsheet.review.film import Film, shown
from callsheet.review.follow import Follower
from callsheet.review.hub import Hub
from callsheet.review.message import Headers, Refusal, Reply, Request, as_json
from callsheet.review.notes import notes_of
from callsheet.review.purchases import Purchases
from callsheet.review.ranges import file_reply
from callsheet.review.report import report_of
from callsheet.review.stills import still_of
from callsheet.review.work import Work, failure_of
from callsheet.spec.project import project_root, require_inside

MOST_CONNECTIONS: Final = 200
SAFE: Final[Headers] = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
"""Headers of every reply."""
POLICY: Final = (
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
)
"""Nothing from elsewhere is loaded, nobody frames the page, and no script that is written in it runs. The
report, which is one file, has a policy of its own, which names its script by its digest."""
DIGEST: Final = 64


class Service:
    """The server of one film. It belongs to the event loop that runs when it is made. access: who may ask;
    nobody before its port is known."""

    def __init__(self, film: Film) -> None:
        loop = asyncio.get_running_loop()
        self.film, self.access = film, Access("http://nowhere")
        self.hub = Hub(loop)
        self.context = copy_context()
        self.follower = Follower(film, self.hub)
        self.work = Work(self.hub, self.context, self.follower.wake)
        self.purchases = Purchases(film, self.work)
        self.actions = Actions(film, self.purchases)
        self._media: dict[str, Path] = {}
        self._once = secrets.token_urlsafe(24)
        self._turn = ThreadPoolExecutor(1, "review")
        """One thing after the other: what a page asks for never meets another change."""
        self._drawing = ThreadPoolExecutor(1, "stills")
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen. Raises OSError."""
        self._server = await asyncio.start_server(self._connected, host, port, ssl=tls, limit=MOST_HEAD)
        self._tasks.append(asyncio.create_task(self.follower.run()))

    @property
    def opening(self) -> str:
        """An address that leads to the page once. Programs that are started with it show it to everybody on
        this machine, and then it is worth nothing."""
        return f"{self.access.origin}/{self._once}"

    def also(self, work: Coroutine[None, None, None]) -> None:
        """Do `work` as long as the server listens."""
        self._tasks.append(asyncio.create_task(work))

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self) -> None:
        """Close every connection, and wait for the run that goes on to stop."""
        if self._server is not None:
            self._server.close()
        tasks = [*self._clients, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self.work.close)
        for pool in self._turn, self._drawing:
            pool.shutdown(wait=False, cancel_futures=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CONNECTIONS:
            writer.close()
            return
        task = asyncio.create_task(Connection(reader, writer, self.answer).serve())
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def answer(self, request: Request) -> Reply:
        """The reply to one request, with the headers that every reply has."""
        try:
            reply = self._opened(request) or await self._routed(self.access.path(request), request)
        except Refusal as refusal:
            reply = refusal.reply
        except CallsheetError as error:
            reply = as_json(failure_of(error), 409)
        except Exception as error:
            reply = as_json(failure_of(error), 500)
        headers = (*reply.headers, *SAFE, *(() if _has_own_policy(request) else (POLICY,)))
        return Reply(reply.status, reply.body, headers, reply.chunks, reply.length)

    def _opened(self, request: Request) -> Reply | None:
        """Lead to the page, where this is the address that does so once."""
        if request.method != "GET" or not hmac.compare_digest(
            request.target.encode(), f"/{self._once}".encode()
        ):
            return None
        self.access.require_host(request)
        self._once = secrets.token_urlsafe(24)
        return Reply(303, headers=(("Location", f"/{self.access.token}/"), ("Cache-Control", "no-store")))

    async def _routed(self, path: str, request: Request) -> Reply:
        place, _, rest = path.partition("/")
        if place == "do":
            return await self._do(rest, request)
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "this is only read")
        found: Callable[[str, Request], Awaitable[Reply]] | None = {
            "film.json": self._film,
            "notes.json": self._notes,
            "events": self._events,
            "report": self._report,
            "media": self._medium,
            "still": self._still,
        }.get(place)
        if found is not None:
            return await found(rest, request)
        return page_reply() if path == "" else asset_reply(path)

    async def _do(self, name: str, request: Request) -> Reply:
        self.access.require_change(request)
        asked = asked_in(request)
        try:
            done = await self.in_turn(lambda: self.actions.do(name, asked))
        finally:
            self.follower.wake()
        return as_json(done)

    async def _film(self, _: str, request: Request) -> Reply:
        found = await self.in_turn(lambda: shown(self.film))
        self._media.update(found.media)
        return _unless_known(as_json(found.document), request)

    async def _notes(self, _: str, request: Request) -> Reply:
        return _unless_known(as_json(await self.in_turn(lambda: notes_of(self.film))), request)

    async def _report(self, _: str, request: Request) -> Reply:
        """The report of the film as it is now; its media come from this server."""
        found = await self.in_turn(lambda: report_of(self.film))
        self._media.update(found.media)
        return Reply(200, found.html, (("Content-Type", TYPES[".html"]), ("Cache-Control", "no-cache")))

    async def _events(self, _: str, request: Request) -> Reply:
        headers = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))
        if request.method == "HEAD":
            return Reply(headers=headers)
        return Reply(headers=headers, chunks=self.hub.listen())

    async def _medium(self, digest: str, request: Request) -> Reply:
        """A file of the film."""
        return file_reply(await self._named(digest), request.headers.get("range", ""))

    async def _still(self, digest: str, _: Request) -> Reply:
        """A picture of a video of the film."""
        path, loop = await self._named(digest), asyncio.get_running_loop()
        still = await loop.run_in_executor(
            self._drawing, self.context.copy().run, still_of, self.film, digest, path
        )
        return file_reply(still)

    async def _named(self, digest: str) -> Path:
        """A file by its digest, if the film names it. No part of the address is ever a path, and no link
        leads out of the project."""
        path = self._media.get(digest)
        if path is None and len(digest) == DIGEST and digest.isalnum():
            self._media.update((await self.in_turn(lambda: shown(self.film))).media)
            path = self._media.get(digest)
        if path is None:
            raise Refusal(404, "the film has no such file")
        return require_inside(path, project_root(self.film.file.parent)) if path.is_symlink() else path

    async def in_turn(self, work: Callable[[], Any]) -> Any:
        """The result of `work`, which may read and write files, in the thread where nothing else does."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._turn, self.context.copy().run, work)


def _has_own_policy(request: Request) -> bool:
    return request.target.partition("?")[0].endswith("/report")


def _unless_known(reply: Reply, request: Request) -> Reply:
    """The reply, or that the page has the same already."""
    tag = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
    headers = (*reply.headers, ("ETag", tag), ("Cache-Control", "no-cache"))
    if request.headers.get("if-none-match") == tag:
        return Reply(304, headers=headers, length=None)
    return Reply(reply.status, reply.body, headers)
