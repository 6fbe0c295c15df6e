"""A provider of tiny media, and a client that holds a key for it."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from callsheet.emulator import Emulator

KEY = {"Authorization": "Key test"}
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
VIDEO = "fal-ai/pika/v2.2/image-to-video"


@pytest.fixture
def provider() -> Iterator[Emulator]:
    with Emulator(tiny=True) as emulator:
        yield emulator


@pytest.fixture
def client(provider: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=provider.url, headers=KEY, trust_env=False, timeout=10) as opened:
        yield opened


@pytest.fixture
def done(client: httpx.Client) -> Callable[..., dict]:
    """Submit one image and wait for its end; the submit's reply."""

    def submit(prompt: str = "a lighthouse", endpoint: str = IMAGE, **headers: str) -> dict:
        reply = client.post(f"/{endpoint}", json={"prompt": prompt}, headers=headers)
        reply.raise_for_status()
        accepted = reply.json()
        with client.stream("GET", accepted["status_url"] + "/stream") as stream:
            stream.read()
        return accepted

    return submit
