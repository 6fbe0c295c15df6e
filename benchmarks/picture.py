"""CPU of operations that encode pictures again, compared with `ffmpeg` with the same filters and preset.

    python benchmarks/picture.py                        10 s of 1280x720
    python benchmarks/picture.py --seconds 4 --runs 1

The floor is the `ffmpeg` command where there is one, else the same filters and encoder in a bare loop of
PyAV. The output says which. Both are whole processes, start included, each with one thread, and take turns.
Ends with 1 when a ratio is above 1.3.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from cpu import in_turns
from PIL import Image, ImageDraw

FPS: Final = 24
SIZE: Final = (1280, 720)
MOST: Final = 1.3
STEPS: Final = 33

OURS: Final = """
import json, sys
from pathlib import Path
from callsheet.nodes.local import perform
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job
def given(value):
    if isinstance(value, list):
        return [given(one) for one in value]
    if not str(value).startswith("/"):
        return value
    return Artifact("file" if value.endswith("cube") else "video", Path(value))
uses, params, out = sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3])
out.mkdir(exist_ok=True)
perform(Job("film", OPERATIONS[uses].SPEC, {name: given(value) for name, value in params.items()}, out))
"""
BARE: Final = """
import sys
from fractions import Fraction
import av
from av.filter import Graph
names, filters, out = sys.argv[1].split(","), sys.argv[2], sys.argv[3]
graph = Graph()
def source():
    shape = "video_size=1280x720:pix_fmt=yuv420p:time_base=1/24:frame_rate=24"
    return graph.add("buffer", shape + ":colorspace=bt709:range=tv")
sources = [source() for _ in names]
last = None
for step in filters.split("|"):
    name, _, arguments = step.partition("=")
    following = graph.add(name, arguments or None)
    for i, before in enumerate([last] if last else sources):
        before.link_to(following, 0, i)
    last = following
sink = graph.add("buffersink")
last.link_to(sink)
graph.configure()
with av.open(out, "w", options={"movflags": "+faststart"}) as film:
    video = None
    def pull():
        global video
        while True:
            try:
                frame = sink.pull()
            except (BlockingIOError, EOFError):
                return
            if video is None:
                options = {"preset": "veryfast", "crf": "26", "bf": "0"}
                video = film.add_stream("libx264", rate=24, options=options)
                video.width, video.height, video.pix_fmt = frame.width, frame.height, "yuv420p"
                video.codec_context.thread_count = 1
            frame.time_base = Fraction(1, 24)
            film.mux(video.encode(frame))
    feeds = []
    for name in names:
        clip = av.open(name)
        clip.streams.video[0].thread_count = 1
        feeds.append(clip.decode(video=0))
    running = list(zip(sources, feeds))
    number = 0
    while running:
        for pair in list(running):
            frame = next(pair[1], None)
            if frame is not None:
                frame.pts, frame.time_base = number, Fraction(1, 24)
            else:
                running.remove(pair)
            pair[0].push(frame)
            pull()
        number += 1
    film.mux(video.encode(None))
"""


def clip(path: Path, number: int, seconds: float) -> None:
    """A moving picture: a gradient that turns, and lines."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        video = file.add_stream("libx264", rate=FPS, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1
        context.color_range = 1
        ramp = Image.linear_gradient("L").resize(SIZE)
        for i in range(round(seconds * FPS)):
            image = Image.merge("RGB", (ramp, ramp.rotate(i), ramp.rotate(90 * number)))
            draw = ImageDraw.Draw(image)
            for line in range(24):
                draw.line((line * 60 + i * 3, 0, 1280 - line * 30, 720), fill=(line * 10, 200, 90), width=3)
            frame = av.VideoFrame.from_image(image).reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))


def cube(path: Path) -> None:
    """A LUT that bends each colour."""
    places = [i / (STEPS - 1) for i in range(STEPS)]
    rows = (f"{r**0.8:.6f} {g:.6f} {b**1.2:.6f}\n" for b in places for g in places for r in places)
    path.write_text(f"LUT_3D_SIZE {STEPS}\n{''.join(rows)}", encoding="utf-8")


def cases(folder: Path, seconds: float) -> list[tuple[str, dict[str, Any], list[str], str]]:
    """Each operation: its name and parameters, and the clips and filters that do the same."""
    one, two, lut = (str(folder / name) for name in ("1.mp4", "2.mp4", "look.cube"))
    late = seconds - 1
    melt = f"xfade=transition={{}}:duration=1:offset={late:g}"
    return [
        ("media/color", {"video": one, "lut": lut}, [one], f"lut3d={lut}|format=yuv420p"),
        ("media/color", {"video": one, "grain": 0.2}, [one], "noise=c0s=8:c0f=t"),
        ("media/color", {"video": one, "vignette": 0.5}, [one], "vignette"),
        ("media/crop", {"video": one, "left": 25, "right": 25}, [one], "crop=640:720:320:0"),
        ("media/crossfade", {"videos": [one, two]}, [one, two], melt.format("fade")),
        (
            "media/crossfade",
            {"videos": [one, two], "transition": "wipe_left"},
            [one, two],
            melt.format("wipeleft"),
        ),
        (
            "media/crossfade",
            {"videos": [one, two], "transition": "iris"},
            [one, two],
            melt.format("circleopen"),
        ),
        ("media/reverse", {"video": one}, [one], "reverse"),
    ]


def kind(filters: str) -> str:
    """What is compared, in a word: the name of the transition, or of the first filter."""
    return re.split("[=:|]", filters.removeprefix("xfade=transition="))[0]


def floor(clips: list[str], filters: str) -> tuple[str, list[str]]:
    """What callsheet is compared with: its name and its command."""
    program = shutil.which("ffmpeg")
    if program is None:
        return "PyAV, bare loop", [sys.executable, "-c", BARE, ",".join(clips), filters, "bare.mp4"]
    given = [word for name in clips for word in ("-threads", "1", "-i", name)]
    encoded = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-bf", "0", "-threads", "1"]
    graph = ["-filter_complex_threads", "1", "-filter_complex", filters.replace("|", ",")]
    return "ffmpeg", [program, "-v", "error", "-y", *given, *graph, *encoded, "bare.mp4"]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--seconds", type=float, default=10)
    words.add_argument("--runs", type=int, default=3)
    given = words.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in (1, 2):
            clip(folder / f"{number}.mp4", number, given.seconds)
        cube(folder / "look.cube")
        for uses, params, clips, filters in cases(folder, given.seconds):
            what, command = floor(clips, filters)
            ours = [sys.executable, "-c", OURS, uses, json.dumps(params), "out"]
            found = in_turns({"callsheet": (ours, folder), what: (command, folder)}, given.runs)
            ratio = found["callsheet"] / found[what]
            worst = max(worst, ratio)
            mine, theirs = found["callsheet"], found[what]
            print(f"{uses:<16} {kind(filters):<11} {mine:6.2f} s   {what} {theirs:6.2f} s   {ratio:5.2f}")
    print(f"the worst ratio is {worst:.2f}, at most {MOST}")
    sys.exit(worst > MOST)


if __name__ == "__main__":
    main()
