"""`callsheet watch`: a preview at each save, and mistakes with their places."""

from __future__ import annotations

from pathlib import Path
from queue import Queue

import pytest

from callsheet.emulator import Emulator
from tests.review.conftest import FILM, Open


@pytest.mark.usefixtures("small_previews")
def test_each_save_is_checked_planned_and_previewed(coast: Path, open_page: Open, seller: Emulator) -> None:
    told: Queue[str] = Queue()
    page = open_page(saved=told.put)
    assert "to make, $" in told.get(timeout=120) and told.get(timeout=120) == "preview: 7 instances"
    assert told.get(timeout=120).startswith("done, ")
    Path("film.yaml").write_text("callsheet: 1\nname: [")
    assert "film.yaml:" in told.get(timeout=120)
    Path("film.yaml").write_text(FILM.replace("the sea at", "the calm sea at"))
    assert "to make, $" in told.get(timeout=120) and told.get(timeout=120).startswith("preview: ")
    assert page.shot('card["dawn"]')["prompt"].startswith("the calm sea")
    assert not seller.posts
