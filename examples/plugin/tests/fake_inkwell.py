"""A fake of inkwell.example: what it answers, without a network."""

import struct
import time
import zlib

from callsheet.testing import Request, Response


def png(width: int = 16, height: int = 9) -> bytes:
    """A teal picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\0\x80\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


class FakeInkwell:
    """The service. jobs: what was asked for."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, object]] = []
        self.captions = 0
        self.polls = 0

    def __call__(self, request: Request) -> Response:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["jobs"]:
                self.jobs.append({"id": f"job-{len(self.jobs)}", "at": time.time(), "asked": request.json()})
                return Response(201, {"job": {"id": self.jobs[-1]["id"]}})
            case "POST", ["captions"]:
                self.captions += 1
                return Response(
                    200, {"caption": f"{len(request.body) > 0} in {request.headers['accept-language']}"}
                )
            case "GET", ["jobs"]:
                return Response(200, {"jobs": self.jobs})
            case "GET", ["jobs", str()]:
                self.polls += 1
                return Response(200, {"state": "drawing" if self.polls == 1 else "ready"})
            case "GET", ["jobs", name, "ink"]:
                return Response(200, {"sheets": [{"png": f"{request.url}/files/{name}.png"}]})
            case "PUT", ["files", name]:
                return Response(201, {"url": f"{request.url}/files/{name}"})
            case "GET" | "HEAD", ["files", _]:
                return Response(200, png(), {"Content-Type": "image/png"})
            case "DELETE", ["jobs", _]:
                return Response(204)
        return Response(404, {"error": "no such page"})
