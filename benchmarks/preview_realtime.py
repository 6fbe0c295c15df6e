"""How fast the preview films: CPU per second of film, against libx264 alone, and seconds of film per second.

    python benchmarks/preview_realtime.py [SHOTS]

Ten shots of 8 seconds at 1280x720 and 24 frames per second: half of them a move over one keyframe, half a
morph between two, with sound. Then the film of examples/ten_shots from its file, with stills, clips, join,
contact sheet and band; again after the prompt of one shot has changed; and once more with `--size 360`. Then
a take that is extended eight times, by eight seconds each. The floor, in the same process, before and after:
libx264 as results are encoded (veryfast), of frames of such a clip that are ready in memory.
Aims: a film at most 2.2 times the floor; 6 times as fast as it plays on two cores that do nothing else. One
changed shot of ten at most 0.2 of all: its share, the start, the contact sheet, and the sound of the film,
which a join encodes as a whole. Each part of a chain costs the same.
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
from dataclasses import replace
from pathlib import Path
from typing import Any

import callsheet
from callsheet.nodes.media.codec.frames import to_frame
from callsheet.nodes.media.codec.writer import VideoWriter
from callsheet.nodes.media.probe import probe
from callsheet.nodes.preview.drawing.camera import move
from callsheet.nodes.preview.drawing.motion import covering, roaming
from callsheet.nodes.preview.drawing.scenery import plate
from callsheet.nodes.preview.provider import Preview
from callsheet.nodes.preview.random import Dice
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import IMAGE, STRING, VIDEO, Field

EXAMPLE = Path(__file__).parents[1] / "examples/ten_shots"
SECONDS = 8.0
SIZE = (1280, 720)
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


LONGER = NodeSpec(
    "bench/extend",
    "fal",
    "video-to-video",
    {"prompt": Field(STRING), "video_url": Field(VIDEO)},
    {"video": VIDEO},
    lambda params: {"video": replace(SHOT, seconds=SECONDS + _facts(params["video_url"]).seconds)},
)
PARTS = 8


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


def _facts(video: object) -> Any:
    assert isinstance(video, Artifact)
    return video.facts


async def chain(folder: Path) -> list[float]:
    """CPU seconds of a take, and of each part that goes on from all before."""
    preview, found, given = Preview(), list[float](), dict[str, object]()
    for part in range(1 + PARTS):
        busy = time.process_time()
        params = {"prompt": f"the harbor at dawn, part {part}, pan left", **given}
        take = await made(preview, f"part-{part}", LONGER if part else CLIP, folder, params)
        found.append(time.process_time() - busy)
        given = {"video_url": Artifact("video", take.path, facts=probe(take.path))}
    return found


def x264_alone() -> float:
    """CPU seconds of libx264 for one second of film: 96 ready frames of a slow move, the better of two."""
    scene = plate("the harbor at dawn, a city behind it", SIZE)
    frames = [
        to_frame(planes) for planes in roaming(covering(scene, SIZE), move("dolly in", Dice("floor")), 96)
    ]
    found = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            busy = time.process_time()
            with VideoWriter(Path(folder) / "floor.mp4", SIZE, 24) as writer:
                for frame in frames:
                    writer.write_frame(frame)
            found.append((time.process_time() - busy) * 24 / len(frames))
    return min(found)


def main() -> None:
    shots = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    floor = [x264_alone()]
    with tempfile.TemporaryDirectory() as folder:
        start, busy = time.perf_counter(), time.process_time()
        asyncio.run(film(shots, Path(folder)))
        clips = shots * SECONDS, time.perf_counter() - start, time.process_time() - busy
    whole, changed = example(0)
    small, _ = example(360)
    with tempfile.TemporaryDirectory() as folder:
        parts = asyncio.run(chain(Path(folder)))
    floor.append(x264_alone())
    least = sum(floor) / len(floor)
    print(f"libx264 alone: {least:.3f} s of CPU for a second of film")
    tell("clips", *clips, least)
    tell("film", *whole, least)
    tell("film, --size 360", *small, least)
    print(f"one changed shot of ten: {changed / whole[2]:.2f} of the film")
    print(f"the last of {PARTS} extensions: {parts[-1] / parts[1]:.2f} of the first, {parts[-1]:.2f} s")


def example(size: int) -> tuple[tuple[float, float, float], float]:
    """Seconds of film, of waiting and of CPU; and of CPU after one shot has changed. size: as in `--size`, 0
    for the models' own."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        film_file = Path(shutil.copytree(EXAMPLE, "film")) / "film.yaml"
        start, busy = time.perf_counter(), time.process_time()
        callsheet.run(film_file, preview=True, size=size)
        whole = 80.0, time.perf_counter() - start, time.process_time() - busy
        shots = film_file.with_name("shots.csv")
        first, *rest = shots.read_text(encoding="utf-8").splitlines()
        name, words = rest[4].split(",", 1)
        rest[4] = f"{name},a whale at dawn{words[words.index(',') :]}"
        shots.write_text("\n".join([first, *rest, ""]), encoding="utf-8")
        busy = time.process_time()
        callsheet.run(film_file, preview=True, size=size)
        return whole, time.process_time() - busy


def tell(what: str, filmed: float, wall: float, busy: float, floor: float) -> None:
    """Print what a second of film costs, and how many times as fast as it plays something was made."""
    cores = os.cpu_count() or 1
    print(
        f"{what}: {busy / filmed:.3f} s of CPU for a second, {busy / filmed / floor:.2f} x libx264; "
        f"{filmed / wall:.1f} times as fast as it plays, {filmed * cores / busy:.1f} on {cores} idle cores"
    )


if __name__ == "__main__":
    main()
