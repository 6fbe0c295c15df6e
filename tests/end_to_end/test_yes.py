"""`--yes` answers the question about money, and no other: no approval, no pick, no conflict, no grant."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.cli.main import main
from callsheet.emulator import Emulator

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
CLIP = "fal-ai/pika/v2.2/image-to-video"
FILM = f"""callsheet: 1
name: film
nodes:
  still: {{uses: {STILL}, OPTIONS, with: {{prompt: a fox}}}}
  clip: {{uses: {CLIP}, with: {{prompt: it runs, image_url: "${{{{ still.images[0] }}}}"}}}}
outputs: {{film: "${{{{ clip.video }}}}"}}
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    return int(stop.value.code or 0), "".join(capsys.readouterr())


def bought(seller: Emulator) -> list[str]:
    return [post.endpoint for post in seller.posts]


def test_an_approval_is_waited_for(seller: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    Path("film.yaml").write_text(FILM.replace("OPTIONS", "approve: true"))
    for _ in range(2):
        code, text = said(capsys, "run", "film.yaml", "--yes")
        assert code == 4 and "callsheet approve" in text
        assert bought(seller) == [STILL]
    said(capsys, "resume", "--yes")
    assert bought(seller) == [STILL]
    said(capsys, "approve", "film.yaml", "still")
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0 and bought(seller) == [STILL, CLIP]


def test_a_pick_is_a_person_s(seller: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    Path("film.yaml").write_text(FILM.replace("OPTIONS", "takes: 2"))
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    assert "pick:" not in Path("film.lock.yaml").read_text()


def test_a_conflict_is_not_settled(seller: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    Path("film.yaml").write_text(FILM.replace("OPTIONS", "takes: 1"))
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    lock = Path("film.lock.yaml")
    text = lock.read_text()
    lock.write_text(f"<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n")
    Path("film.yaml").write_text(FILM.replace("OPTIONS", "takes: 1").replace("a fox", "a cat"))
    code, said_of_it = said(capsys, "run", "film.yaml", "--yes")
    assert code == 1 and "lock-conflict" in said_of_it and len(seller.posts) == 2
    assert "<<<<<<<" in lock.read_text()
