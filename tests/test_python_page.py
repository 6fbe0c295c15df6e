"""What docs/python.md shows is a program that runs."""

import re
from pathlib import Path

import pytest

from callsheet.emulator import Emulator

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
FILM = """
callsheet: 1
name: film
inputs:
  hero: a keeper
nodes:
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ inputs.hero }}", image_size: square}
  film:
    uses: media/image_to_video
    with: {image: "${{ card.images[0] }}", seconds: 0.2}
outputs:
  film: ${{ film.video }}
"""


def test_the_program_runs(
    in_folder: Path, seller: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / "callsheet.toml").touch()
    (in_folder / "film.yaml").write_text(FILM, encoding="utf-8")
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    written_by_hand = PAGE.read_text(encoding="utf-8").split("<!-- callsheet -->")[0]
    blocks = re.findall(r"```python\n(.*?)```", written_by_hand, re.DOTALL)
    assert len(blocks) == 8
    exec("\n".join(blocks), {"__name__": "page"})
    printed = capsys.readouterr().out
    assert "done out/film/preview/film.mp4" in printed and "missing.yaml" in printed
    assert printed.endswith("done done\n") and "failed:" not in printed
    assert len(seller.accepted) == 1  # what the page buys
