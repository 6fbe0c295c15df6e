"""A web back end for one film: its plan and price, runs with live events, and a button that stops them.

    pip install callsheet starlette uvicorn
    python app.py film.yaml                 # then open http://127.0.0.1:8000

It serves this machine only. Who reaches it can spend your money up to the budget that the page sends: put a
login of your own in front before you let others in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import callsheet

HERE = Path(__file__).parent
HOSTS = ("127.0.0.1", "localhost")
"""The names under which it is reached, at any port. Another name that leads here is of another site."""
Handler = Callable[[Request], Awaitable[Response]]


class Studio:
    """Serves the film in the file `film`. state: the folder with what its runs leave, None for the usual."""

    def __init__(self, film: Path, state: Path | None = None) -> None:
        self.film = film
        self.state = state
        self.runs: dict[str, callsheet.Run] = {}

    async def page(self, _: Request) -> Response:
        return FileResponse(HERE / "page.html")

    async def plan(self, _: Request) -> Response:
        """What a run would make, and for how much. It reads files, so it gets a thread."""
        plan = await run_in_threadpool(callsheet.plan, self.film, state=self.state)
        return JSONResponse(plan.to_json())

    async def start(self, request: Request) -> Response:
        """Begin a preview, or a run for at most `budget` USD. Without either, nothing is bought."""
        asked = await request.json()
        preview, budget = asked.get("preview") is True, asked.get("budget")
        if not preview and not isinstance(budget, int | float):
            raise callsheet.InputError("a run for money has a budget", 'send {"budget": 2.5}')
        name = uuid4().hex
        self.runs[name] = callsheet.start(
            self.film, preview=preview, state=self.state, budget=None if preview else float(budget)
        )
        return JSONResponse({"id": name}, status_code=201)

    async def events(self, request: Request) -> Response:
        """The events of a run as server-sent events, from the one after `Last-Event-ID`: a browser that lost
        the connection asks so by itself."""
        run = self.runs.get(request.path_params["id"])
        if run is None:
            return JSONResponse({"message": "there is no such run"}, status_code=404)
        last = request.headers.get("last-event-id", "0")
        start = int(last) + 1 if last.isdecimal() else 1
        return StreamingResponse(_messages(run, start), media_type="text/event-stream")

    async def stop(self, request: Request) -> Response:
        """Stop a run. What was sent is not lost: the next run fetches it."""
        run = self.runs.get(request.path_params["id"])
        if run is None:
            return JSONResponse({"message": "there is no such run"}, status_code=404)
        run.cancel()
        return Response(status_code=202)

    def close(self) -> None:
        """Stop every run, and wait until all that was paid for is written down."""
        for run in self.runs.values():
            run.cancel()
        for run in self.runs.values():
            with run:
                pass

    def app(self) -> Starlette:
        routes = [
            Route("/", self.page),
            Route("/plan", self.plan),
            Route("/runs", _own_pages(self.start), methods=["POST"]),
            Route("/runs/{id}/events", self.events),
            Route("/runs/{id}", _own_pages(self.stop), methods=["DELETE"]),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
            exception_handlers={callsheet.CallsheetError: _refused},
        )


async def _messages(run: callsheet.Run, start: int) -> AsyncIterator[str]:
    async for event in run.aevents(start):
        yield f"id: {event.number}\ndata: {json.dumps(event.to_json())}\n\n"


async def _refused(_: Request, error: Exception) -> Response:
    """Mistakes in the file come with line, column and rule."""
    assert isinstance(error, callsheet.CallsheetError)
    return JSONResponse(error.to_json(), status_code=400)


def _own_pages(handler: Handler) -> Handler:
    """Refuse what a page of another site, or at another port, sends: it could spend money, too."""

    async def handle(request: Request) -> Response:
        if request.headers.get("origin", "") not in ("", str(request.base_url).rstrip("/")):
            return JSONResponse({"message": "this page is of another site"}, status_code=403)
        return await handler(request)

    return handle


if __name__ == "__main__":
    studio = Studio(Path(sys.argv[1]))
    try:
        uvicorn.run(studio.app(), host="127.0.0.1", port=8000)
    finally:
        studio.close()
