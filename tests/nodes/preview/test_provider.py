"""The provider as the runtime sees it."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callsheet.errors import NodeError
from callsheet.nodes.preview.provider import Preview
from callsheet.spec.media import Facts

ELSEWHERE = """
import hashlib, sys
from pathlib import Path
from callsheet.spec.types import (IMAGE, VIDEO)
from callsheet.spec.media import (Facts)
from callsheet.spec.node import (Job)
from callsheet.nodes.preview.perform import (perform)
from callsheet.spec.node import (NodeSpec)
facts = Facts(0.5, 160, 90, 24.0, True)
outputs = {"image": IMAGE, "video": VIDEO}
spec = NodeSpec("test/model", "fal", "", {}, outputs, lambda _: dict.fromkeys(outputs, facts))
out = perform(Job('clip["dawn"]', spec, {"prompt": "sea at dawn", "seed": 3}, Path(sys.argv[1])))
for made in out.values():
    print(hashlib.sha256(made.path.read_bytes()).hexdigest())
"""


def test_it_is_a_provider():
    preview = Preview()
    assert preview.name == "preview"
    assert preview.limit >= 2


def test_another_process_makes_the_same_bytes(studio, tmp_path):
    facts = Facts(0.5, 160, 90, 24.0, True)
    out = studio.perform(
        studio.spec({"image": "image", "video": "video"}, facts), prompt="sea at dawn", seed=3
    )
    here = [hashlib.sha256(made.path.read_bytes()).hexdigest() for made in out.values()]
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    command = [sys.executable, "-c", ELSEWHERE, str(folder)]
    there = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert there.stdout.split() == here


def test_what_counts_is_the_content_of_a_picture_not_its_place(studio):
    spec = studio.spec({"video": "video"}, roles={"image": "first_frame"})
    one, two, other = (
        studio.picture("one.png"),
        studio.picture("two.png"),
        studio.picture("other.png", blue=200),
    )
    moved = dataclasses.replace(two, url="https://example.com/two.png")
    films = [studio.path(spec, image=a).read_bytes() for a in (one, moved, other)]
    assert films[0] == films[1] != films[2]


def test_jobs_run_side_by_side_and_in_any_order(studio):
    spec = studio.spec({"video": "video"})

    async def all_of_them(prompts):
        preview = Preview()
        done = await asyncio.gather(*(preview.perform(studio.job(spec, p, prompt=p)) for p in prompts))
        return {p: out["video"].path.read_bytes() for p, out in zip(prompts, done, strict=True)}

    names = ["sea", "city", "forest", "room"]
    assert asyncio.run(all_of_them(names)) == asyncio.run(all_of_them(names[::-1]))


def test_a_dropped_task_stops_its_thread(studio):
    spec = studio.spec({"video": "video"}, Facts(600.0, 320, 180, 24.0, False))
    told = []
    job = dataclasses.replace(studio.job(spec, prompt="sea"), progress=told.append)

    async def drop():
        task = asyncio.create_task(Preview().perform(job))
        while not told:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(drop())
    deadline = time.monotonic() + 60
    while list(job.workdir.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(job.workdir.iterdir()) == []


def test_a_missing_file_is_a_sentence(studio):
    gone = dataclasses.replace(studio.picture("gone.png"), path=Path("/nowhere/gone.png"))
    job = studio.job(studio.spec({"video": "video"}), image_url=gone)
    with pytest.raises(NodeError, match="which is not there"):
        asyncio.run(Preview().perform(job))
