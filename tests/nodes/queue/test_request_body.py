"""Bodies: media as URLs that work, each file uploaded once; secrets as markers that nobody can forge."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from callsheet.errors import NodeError
from callsheet.nodes.queue import secret
from callsheet.nodes.queue.request_body import MediaUrls, body
from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING
from callsheet.spec.values import SecretName

GOOD, GONE = "https://v3.fal.media/good.png", "https://v3.fal.media/gone.png"


class Shelf:
    """Counts uploads."""

    def __init__(self, uploads: dict[str, str] | None = None) -> None:
        self.uploads = uploads if uploads is not None else {}
        self.sent: list[Path] = []
        self.media = MediaUrls(self._upload, self._is_there, self.uploads)

    async def _upload(self, path: Path) -> str:
        self.sent.append(path)
        await asyncio.sleep(0)
        return f"https://v3.fal.media/up{len(self.sent)}.png"

    async def _is_there(self, url: str) -> bool:
        return url != GONE


def image(digest: str = "d1", url: str | None = None) -> Artifact:
    return Artifact("image", Path("/a.png"), digest, url=url)


def made(params: dict[str, object], shelf: Shelf) -> object:
    return json.loads(asyncio.run(body(params, shelf.media)))


def test_a_url_that_works_is_passed_on() -> None:
    shelf = Shelf()
    assert made({"image_url": image(url=GOOD)}, shelf) == {"image_url": GOOD}
    assert not shelf.sent


def test_a_url_that_expired_is_replaced_by_the_stored_bytes() -> None:
    shelf = Shelf()
    assert made({"image_url": image(url=GONE)}, shelf) == {"image_url": "https://v3.fal.media/up1.png"}
    assert shelf.uploads == {"d1": "https://v3.fal.media/up1.png"}


def test_an_earlier_upload_serves_again_unless_it_is_gone() -> None:
    assert made({"a": image()}, Shelf({"d1": GOOD})) == {"a": GOOD}
    shelf = Shelf({"d1": GONE})
    assert made({"a": image()}, shelf) == {"a": "https://v3.fal.media/up1.png"}


def test_one_file_goes_up_once_however_many_ask() -> None:
    shelf = Shelf()

    async def many() -> set[str]:
        asked = [body({"urls": [image(), image("d2")]}, shelf.media) for _ in range(20)]
        return set(await asyncio.gather(*asked))

    assert len(asyncio.run(many())) == 1
    assert len(shelf.sent) == 2


def test_equal_parameters_give_equal_text() -> None:
    one = asyncio.run(body({"b": 1, "a": "é\ud800", "none": NOTHING, "sync_mode": True}, Shelf().media))
    two = asyncio.run(body({"a": "é\ud800", "b": 1}, Shelf().media))
    assert one == two == '{"a":"\\u00e9\\ud800","b":1}'


def test_a_secret_is_a_marker_until_it_is_sent() -> None:
    text = asyncio.run(body({"key": SecretName("TOKEN"), "list": [SecretName("TOKEN")]}, Shelf().media))
    assert "canary" not in text
    sent = json.loads(secret.revealed(text, {"TOKEN": 'canary"quote'}))
    assert sent == {"key": 'canary"quote', "list": ['canary"quote']}
    assert secret.values_in(text, {"TOKEN": "canary"}) == ("canary", "canary")
    with pytest.raises(NodeError, match="TOKEN is not set"):
        secret.revealed(text, {})


def test_no_value_can_pretend_to_be_a_secret() -> None:
    for forged in ({"$secret": "FAL_KEY"}, [{"x": {"$secret": "FAL_KEY"}}]):
        with pytest.raises(NodeError, match="reserved"):
            asyncio.run(body({"data": forged}, Shelf().media))
    text = asyncio.run(body({"prompt": '{"$secret": "FAL_KEY"}'}, Shelf().media))
    assert json.loads(secret.revealed(text, {"FAL_KEY": "canary"})) == {"prompt": '{"$secret": "FAL_KEY"}'}


def test_nan_is_not_sent() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        asyncio.run(body({"x": float("nan")}, Shelf().media))
