"""What a shared store adds to a run: for the clone that makes a film, and for the one that takes it.

    python benchmarks/store.py [--shots 200]

The provider is the emulator, and the bucket is moto on loopback. Measured are CPU seconds of `run` in a
process of its own without a store, with a folder, and with a bucket; and the requests to the bucket, at
Amazon's prices of 2026 for S3 Standard in the United States (https://aws.amazon.com/s3/pricing/). Needs
`moto[server]` and `s3fs`.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from cpu import cpu_seconds

from callsheet.emulator import Emulator

FILM = """
callsheet: 1
name: shots
axes:
  shot: {over: "${{ range(COUNT) }}"}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "a lighthouse, shot ${{ shot }}"}
"""
USD = {"PUT": 0.005 / 1000, "LIST": 0.005 / 1000, "GET": 0.0004 / 1000, "HEAD": 0.0004 / 1000, "DELETE": 0.0}
"""USD for one request."""
RUN = [sys.executable, "-m", "callsheet", "run", "film.yaml", "--yes", "--output", "quiet"]


class Bucket:
    """S3 on loopback. requests: how many of each kind there were."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.requests: Counter[str] = Counter()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: Any, start: Any) -> Any:
        listing = "list-type" in environ.get("QUERY_STRING", "")
        self.requests["LIST" if listing else environ["REQUEST_METHOD"]] += 1
        return self._moto(environ, start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=200)
    shots = parser.parse_args().shots
    bucket = Bucket()
    os.environ |= {
        "AWS_ENDPOINT_URL": bucket.address,
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    import boto3

    boto3.client("s3").create_bucket(Bucket="films")
    with tempfile.TemporaryDirectory() as name, Emulator(tiny=True) as provider:
        os.environ |= {"CALLSHEET_FAL_URL": provider.url, "FAL_KEY": "k"}
        alone = made(Path(name), "alone", shots, "")
        print(f"{shots} shots without a store: {alone:.2f} s CPU")
        for what, place in (("a folder", str(Path(name, "common"))), ("a bucket", "s3://films/common")):
            bucket.requests.clear()
            gives = made(Path(name), f"gives-{place[:2].strip('/')}", shots, place)
            told(f"made, with {what}", gives, alone, bucket.requests, shots)
            bucket.requests.clear()
            takes = made(Path(name), f"takes-{place[:2].strip('/')}", shots, place, shared=True)
            told(f"taken from {what}", takes, alone, bucket.requests, shots)


def made(folder: Path, name: str, shots: int, store: str, shared: bool = False) -> float:
    """CPU seconds of a run in a clone of its own. shared: with the lock file of the clone that made it."""
    place = folder / name
    place.mkdir()
    (place / "callsheet.toml").touch()
    (place / "film.yaml").write_text(FILM.replace("COUNT", str(shots)))
    if shared:
        shutil.copy(folder / name.replace("takes", "gives") / "film.lock.yaml", place)
    return cpu_seconds([*RUN, "--store", store], place)


def told(what: str, seconds: float, alone: float, requests: Counter[str], shots: int) -> None:
    print(f"{what}: {seconds:.2f} s CPU, {seconds / alone:.2f} × a run without a store")
    if requests:
        usd = sum(count * USD.get(kind, 0.0) for kind, count in requests.items())
        each = ", ".join(f"{count / shots:.2f} {kind}" for kind, count in sorted(requests.items()))
        print(f"  for each result {each}: ${1000 * usd / shots:.3f} for 1,000 results")


if __name__ == "__main__":
    main()
