"""How fast the preview films: seconds of film made per second of waiting, and of all cores together.

    python benchmarks/preview_realtime.py [SHOTS]

Ten shots of 8 seconds at 1280x720 and 24 frames per second: half of them a move over one keyframe, half a
morph between two, with sound. Then the film of examples/ten_shots from its file, with stills, clips, join,
contact sheet and band. The second figure does not depend on what else runs here. Aim: 4 on two cores.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

import callsheet
from callsheet.nodes.preview.provider import Preview
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import IMAGE, STRING, VIDEO, Field

EXAMPLE = Path(__file__).parents[1] / "examples/ten_shots"
SECONDS = 8.0
SHOT = Facts(seconds=SECONDS, width=1280, height=720, fps=24.0, audio=True)
STILL = Facts(width=1280, height=720)

KEYFRAME = NodeSpec(
    "bench/keyframe",
    "fal",
    "text-to-image",
    {"prompt": Field(STRING)},
    {"image": IMAGE},
    lambda _: {"image": STILL},
)
CLIP = NodeSpec(
    "bench/clip",
    "fal",
    "image-to-video",
    {"prompt": Field(STRING), "first_frame_url": Field(IMAGE), "last_frame_url": Field(IMAGE)},
    {"video": VIDEO},
    lambda _: {"video": SHOT},
)


async def made(
    preview: Preview, address: str, spec: NodeSpec, folder: Path, params: Mapping[str, object]
) -> Made:
    """The one file that a job gives."""
    workdir = folder / address
    workdir.mkdir()
    (output,) = (await preview.perform(Job(address, spec, params, workdir))).values()
    assert isinstance(output, Made)
    return output


async def film(shots: int, folder: Path) -> None:
    """Keyframes, then all shots at once."""
    preview = Preview()
    prompts = [f"shot {i}: the harbor at dawn, a city behind it, slow dolly in" for i in range(shots)]
    cards = await asyncio.gather(
        *(
            made(preview, f"key-{i}", KEYFRAME, folder, {"prompt": p, "seed": i})
            for i, p in enumerate(prompts)
        )
    )
    frames = [Artifact("image", card.path) for card in cards]
    morphs = [{"last_frame_url": frames[(i + 1) % shots]} if i % 2 else {} for i in range(shots)]
    limit = asyncio.Semaphore(preview.limit)

    async def shot(i: int) -> None:
        async with limit:
            params = {"prompt": prompts[i], "first_frame_url": frames[i], **morphs[i]}
            await made(preview, f"clip-{i}", CLIP, folder, params)

    await asyncio.gather(*(shot(i) for i in range(shots)))


def main() -> None:
    shots = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        start, busy = time.perf_counter(), time.process_time()
        asyncio.run(film(shots, Path(folder)))
        wall = time.perf_counter() - start
    tell("clips", shots * SECONDS, wall, time.process_time() - busy)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        film_file = Path(shutil.copytree(EXAMPLE, "film")) / "film.yaml"
        start, busy = time.perf_counter(), time.process_time()
        callsheet.run(film_file, preview=True)
        tell("film", 80.0, time.perf_counter() - start, time.process_time() - busy)


def tell(what: str, filmed: float, wall: float, busy: float) -> None:
    """Print how many times as fast as it plays something was made."""
    cores = os.cpu_count() or 1
    print(
        f"{what}: {filmed:.0f} s in {wall:.1f} s, {filmed / wall:.1f} times as fast as it plays; "
        f"{busy:.1f} s of {cores} cores, {filmed * cores / busy:.1f} times"
    )


if __name__ == "__main__":
    main()
