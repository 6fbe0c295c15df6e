"""What an engine costs, and how well it uses its slots: over Dask, in processes, and beside Dask itself.

    pip install 'callsheet[dask]' psutil
    python benchmarks/engines.py [--tasks 10000] [--clips 200]

A scheduler and two workers of one slot each run on this machine. Measured are, all in one run:

- tiny tasks: wall and CPU of the driver, against Dask's own submit and await of a function that does nothing;
- a film of clips (two operations each, and a join): CPU of everything against a run without an engine, CPU of
  the driver for each task, and the share of the time in which slots had work;
- a film of clips of two sizes, which the join brings to one form: its length against work / slots;
- the same with one worker and with two.

Goals: 1.2 x, 1.1 x, 10 ms, 0.92, 1.15. Times on the clock need two cores that nobody else uses.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import av
import psutil
from distributed import Client

import callsheet
from callsheet.runtime.engines.dask_engine import Dask
from callsheet.runtime.engines.engine import Watch
from callsheet.runtime.engines.places import NOWHERE
from callsheet.runtime.engines.project_folder import ProjectFolder
from callsheet.runtime.engines.task import Answer, Task, encoded_parameters, program
from callsheet.runtime.store.blobs import Store
from tests.runtime.engines.cluster import Cluster, cluster

AT_ONCE: Final = 64
"""Tiny tasks that are awaited at once."""
ROUNDS: Final = 4
"""How often the two take turns, so that a busy machine disturbs both."""
FILM: Final = """
callsheet: 1
name: NAME
inputs:
  shots: {items: {name: string, video: video, at: number}, default: SHOTS}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.name }}"}}
nodes:
"""
CLIPS: Final = """
  part: {each: shot, uses: media/trim, with: {video: "${{ shot.video }}", start: "${{ shot.at }}"}}
  clip: {each: shot, uses: media/fit, with: {video: "${{ part.video }}", width: 640, height: 480}}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}"}
"""
SIZES: Final = """
  part: {each: shot, uses: media/trim, with: {video: "${{ shot.video }}", start: "${{ shot.at }}"}}
  film: {uses: media/concat, with: {videos: "${{ part.video }}", width: 640, height: 360}}
outputs: {film: "${{ film.video }}"}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--clips", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, cluster(Path(name, "dask"), slots=2) as two:
        tiny(two, asked.tasks)
        films(Path(name), two, asked.clips)
        with cluster(Path(name, "one"), slots=1) as one:
            speed(Path(name), one, two, asked.clips // 2)


def tiny(at: Cluster, count: int) -> None:
    """Tasks that do nothing, by Dask alone and by the engine."""
    task = Task(program(), "look", "", "", "note", encoded_parameters({}), NOWHERE)
    text = task.to_json()
    store = Store(at.folder / "state")
    store.prepare()

    async def dask_alone() -> tuple[float, float]:
        client = await Client(f"tcp://127.0.0.1:{at.port}", asynchronous=True, set_as_default=False)

        async def one(number: int) -> None:
            future = client.submit(str.upper, text, key=f"alone-{number}", pure=False)
            await future
            await future.result()
            future.release()

        try:
            return await timed(one, count // ROUNDS)
        finally:
            await client.close()

    async def engine() -> tuple[float, float]:
        dask = Dask(at.address, f"tcp://127.0.0.1:{at.port}")
        try:
            await dask.open(ProjectFolder(store))
            return await timed(lambda _: dask.perform(task, Watch()), count // ROUNDS)
        finally:
            await dask.close()

    rounds = [(asyncio.run(dask_alone()), asyncio.run(engine())) for _ in range(ROUNDS)]
    alone, ours = (tuple(map(sum, zip(*those, strict=True))) for those in zip(*rounds, strict=True))
    each, cpu = (1000 * value / count for value in ours)
    print(f"{count:,} tiny tasks: {each:.2f} ms each, {cpu:.2f} ms CPU of the driver")
    tell("against Dask alone, wall", ours[0] / alone[0], "1.2")
    tell("against Dask alone, CPU of the driver", ours[1] / alone[1], "1.2")


async def timed(one: Callable[[int], Awaitable[object]], count: int) -> tuple[float, float]:
    """Seconds and CPU seconds of this process for `count` calls, some at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def held(number: int) -> None:
        async with room:
            await one(number)

    await asyncio.gather(*map(held, range(-AT_ONCE, 0)))
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(held, range(count)))
    return time.perf_counter() - began, time.process_time() - cpu


def films(root: Path, at: Cluster, count: int) -> None:
    """Films here, in processes, and over Dask, in turns."""
    film = written(root / "clips", count // ROUNDS, CLIPS, [(640, 360)])
    made(film, "here")  # what is loaded once
    engines = {"": "here", "here:2": "two processes", at.address: "Dask, two workers"}
    rounds = [{on: used(film, on, at) for on in engines} for _ in range(ROUNDS)]
    all_of = {on: tuple(map(sum, zip(*(one[on] for one in rounds), strict=True))) for on in engines}
    tasks = ROUNDS * (2 * (count // ROUNDS) + 1)
    for on, name in list(engines.items())[1:]:
        cpu, work, seconds, driver = all_of[on]
        print(f"{count} clips, {tasks} tasks, {name}: {seconds:.1f} s, {work:.1f} s of work")
        tell("CPU of everything, against no engine", cpu / all_of[""][0], "1.1")
        tell("CPU of the driver for each task, ms", 1000 * driver / tasks, "10")
        tell("share of the time in which slots had work", work / (2 * seconds), "0.92")
    sizes = written(root / "sizes", count // 2, SIZES, [(640, 360), (854, 480)])
    work, seconds, _ = made(sizes, at.address)
    print(f"{count // 2} clips of two sizes, Dask: {seconds:.1f} s, {sum(work):.1f} s of work")
    tell("its length, against work / slots", 2 * seconds / sum(work), "1.15")


def used(film: Path, on: str, at: Cluster) -> tuple[float, float, float, float]:
    """CPU seconds of everything, seconds of work, seconds of the whole, and CPU seconds of this process."""
    with counted_cpu(at if on == at.address else None) as cpu:
        work, seconds, driver = made(film, on)
    return sum(cpu), sum(work), seconds, driver


def speed(root: Path, one: Cluster, two: Cluster, count: int) -> None:
    film = written(root / "speed", count, CLIPS, [(640, 360)])
    first, second = made(film, one.address)[1], made(film, two.address)[1]
    tell("times as fast with two workers as with one", first / second, "1.85")


def written(folder: Path, count: int, nodes: str, sizes: list[tuple[int, int]]) -> Path:
    """A film of `count` shots from one source of each size."""
    folder.mkdir()
    for number, size in enumerate(sizes):
        source(folder / f"{number}.mp4", size)
    shots = [f"{{name: s{n:04}, video: ./{n % len(sizes)}.mp4, at: {0.1 + n / 1000}}}" for n in range(count)]
    text = FILM.replace("NAME", folder.name).replace("SHOTS", f"[{', '.join(shots)}]") + nodes
    (folder / "film.yaml").write_text(text)
    return folder / "film.yaml"


def source(path: Path, size: tuple[int, int], frames: int = 36) -> None:
    """A moving picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for k in range(frames):
            frame = av.VideoFrame(*size, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes((x * (k + 3) // 7) % 256 for x in range(plane.line_size)) * plane.height)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def made(film: Path, on: str) -> tuple[list[float], float, float]:
    """Seconds of work of each task, seconds of the whole, and CPU seconds of this process."""
    folder = Path(tempfile.mkdtemp()) / film.parent.name
    shutil.copytree(film.parent, folder)  # nothing is found again
    work: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    with noted(work):
        result = callsheet.run(folder / film.name, on=on, out=folder / "out")
    assert result.status == "done", result
    took = time.perf_counter() - began, time.process_time() - cpu
    shutil.rmtree(folder.parent)
    return work, *took


@contextmanager
def noted(work: list[float]) -> Iterator[None]:
    """Note how long workers worked on each answer."""
    plain = Answer.require

    def require(answer: Answer) -> None:
        work.append(answer.seconds)
        plain(answer)

    Answer.require = require  # type: ignore[method-assign]
    try:
        yield
    finally:
        Answer.require = plain  # type: ignore[method-assign]


@contextmanager
def counted_cpu(at: Cluster | None = None) -> Iterator[list[float]]:
    """CPU seconds of this process, its children, and the workers and scheduler of a cluster."""

    def now() -> float:
        own = sum(
            used.ru_utime + used.ru_stime
            for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )
        others = [psutil.Process(process.pid) for process in at.processes] if at else []
        tree = [one for first in others for one in (first, *first.children(recursive=True))]
        return own + sum(sum(one.cpu_times()[:2]) for one in tree)

    found = [-now()]
    yield found
    found.append(now())


def tell(what: str, value: float, goal: str) -> None:
    print(f"  {what:<50} {value:8.2f}  goal {goal}", flush=True)


if __name__ == "__main__":
    main()
