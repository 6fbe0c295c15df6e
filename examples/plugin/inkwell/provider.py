"""The pictures of inkwell: `uses: inkwell/picture`."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from callsheet import plugin
from callsheet.plugin import Accepted, Found, QueueResult, Remote, Status

API = "https://api.inkwell.example"
STATES: Mapping[str, plugin.State] = {
    "waiting": "queued",
    "drawing": "running",
    "ready": "completed",
    "broken": "failed",
}
PICTURE = plugin.NodeSpec(
    "inkwell/picture",
    provider="inkwell",
    task="text-to-image",
    summary="A picture in ink.",
    inputs={
        "prompt": plugin.Field(plugin.STRING, required=True, max_length=500),
        "size": plugin.Field(plugin.Choice(("small", "large")), default="small"),
        "sketch": plugin.Field(plugin.IMAGE),
    },
    outputs={"picture": plugin.IMAGE},
    price=plugin.Price("image", (plugin.Rate(0.05, {"size": ("large",)}), plugin.Rate(0.02, {}))),
)


class InkwellQueue(plugin.HttpQueue):
    name = "inkwell"
    recovery: plugin.Recovery = "listing"

    async def submit(self, outgoing: plugin.Outgoing, before_send: plugin.BeforeSend) -> plugin.Outcome:
        return await self.post(
            "/jobs", outgoing, before_send, lambda reply: Accepted(str(reply["job"]["id"]))
        )

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        def read(reply: Any) -> Status:
            return Status.of(STATES, reply["state"], reply.get("why", ""))

        return await self.ask("GET", f"/jobs/{accepted.request_id}", read)

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        def read(reply: Any) -> QueueResult:
            return QueueResult(json.dumps(reply))

        return await self.ask("GET", f"/jobs/{accepted.request_id}/ink", read)

    def outputs(self, spec: plugin.NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        return {"picture": Remote("image", json.loads(raw)["sheets"][0]["png"])}

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        await self.tell("DELETE", f"/jobs/{accepted.request_id}")

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        def read(reply: Any) -> list[Found]:
            return [Found(str(job["id"]), endpoint, float(job["at"]), job["asked"]) for job in reply["jobs"]]

        return await self.ask("GET", f"/jobs?since={since:.0f}", read)

    async def upload(self, path: Path) -> str:
        name, content = quote(path.name), path.read_bytes()
        return await self.ask("PUT", f"/files/{name}", lambda reply: str(reply["url"]), content)


class Inkwell:
    variables = ("INKWELL_KEY",)

    def find(self, uses: str) -> plugin.NodeSpec | None:
        return PICTURE if uses == PICTURE.uses else None

    def endpoints(self) -> Sequence[str]:
        return (PICTURE.uses,)

    def queue(self) -> InkwellQueue:
        return InkwellQueue(os.environ.get("INKWELL_URL", API), "INKWELL_KEY")


INKWELL = Inkwell()
