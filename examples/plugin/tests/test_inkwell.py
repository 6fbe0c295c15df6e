"""The contract tests of the package."""

from pathlib import Path

import pytest
from fake_inkwell import FakeInkwell, png
from inkwell.nodes import caption, title_card
from inkwell.provider import PICTURE, InkwellQueue

from callsheet.plugin import NotAccepted
from callsheet.testing import Response, check_queue, run_node, serve

KEY = "ink-0123456789"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKWELL_KEY", KEY)


def test_the_queue_keeps_the_contract(tmp_path: Path) -> None:
    sketch = tmp_path / "sketch.png"
    sketch.write_bytes(png())

    def queue(url: str) -> InkwellQueue:
        return InkwellQueue(url, "INKWELL_KEY")

    assert check_queue(queue, PICTURE, {"prompt": "a lighthouse", "sketch": sketch}, FakeInkwell) == []


def test_a_title_card_is_a_picture(tmp_path: Path) -> None:
    assert run_node(title_card, {"title": "Dawn", "width": 64}, tmp_path)["image"] == tmp_path / "card.png"


def test_a_caption_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png())
    with serve(FakeInkwell()) as url:
        monkeypatch.setenv("INKWELL_URL", url)
        assert run_node(caption, {"picture": picture, "language": "de"}, tmp_path) == {"text": "True in de"}
    assert run_node(caption, {"picture": picture}, tmp_path, preview=True) == {"text": "A caption in en."}


def test_a_caption_that_is_refused_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png())
    with serve(lambda request: Response(429, {"error": "busy"})) as url, pytest.raises(NotAccepted):
        monkeypatch.setenv("INKWELL_URL", url)
        run_node(caption, {"picture": picture}, tmp_path)
