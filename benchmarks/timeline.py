"""CPU of a timeline of 100 clips that agree, compared with copying them and encoding their sound once.

    python benchmarks/timeline.py                       100 clips of 2 s, 640x360
    python benchmarks/timeline.py --clips 20 --runs 1

The floor is the `ffmpeg` command where there is one (its concat demuxer, `-c:v copy -c:a aac`), else the same
done with PyAV in a bare loop: packets copied, sound decoded, resampled to 48 kHz and encoded once. The output
says which. Both are whole processes, start included, and take turns. Ends with 1 when the ratio is above 1.5.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from array import array
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from cpu import in_turns
from PIL import Image

RATE: Final = 48_000
FPS: Final = 24
MOST: Final = 1.5

OURS: Final = """
import sys
from pathlib import Path
from callsheet.nodes.local import perform
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job
clips = [Artifact("video", Path(name), "0" * 64) for name in Path(sys.argv[1]).read_text().split()]
out = Path(sys.argv[2])
out.mkdir(exist_ok=True)
perform(Job("film", OPERATIONS["media/concat"].SPEC, {"videos": clips}, out))
"""
BARE: Final = """
import sys
from fractions import Fraction
from pathlib import Path
import av
names = Path(sys.argv[1]).read_text().split()
with av.open(sys.argv[2], "w", options={"movflags": "+faststart"}) as film:
    video = sound = None
    frames, samples = 0, 0
    resampler = av.AudioResampler("fltp", "stereo", 48000)
    for name in names:
        with av.open(name) as clip:
            if video is None:
                video = film.add_stream_from_template(clip.streams.video[0])
                sound = film.add_stream("aac", rate=48000, layout="stereo")
            first = frames
            for packet in clip.demux(clip.streams.video[0]):
                if packet.size:
                    packet.stream, packet.time_base = video, Fraction(1, 24)
                    packet.pts = packet.dts = frames
                    frames += 1
                    film.mux(packet)
        with av.open(name) as clip:
            for frame in clip.decode(audio=0):
                for part in resampler.resample(frame):
                    part.pts, part.time_base = samples, Fraction(1, 48000)
                    samples += part.samples
                    film.mux(sound.encode(part))
    film.mux(sound.encode(None))
"""


def clip(path: Path, number: int) -> None:
    """2 s of a moving picture and a tone."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        video = file.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "bf": "0"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        sound = file.add_stream("aac", rate=RATE, layout="stereo")
        ramp = Image.linear_gradient("L").resize((640, 360))
        for i in range(2 * FPS):
            image = Image.merge("RGB", (ramp, ramp.rotate(i), ramp.rotate(number)))
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        for start in range(0, 2 * RATE, 1000):
            wave = array("f", (0.4 * math.sin((start + i) * (300 + number) / 7000) for i in range(1000)))
            part = av.AudioFrame(format="fltp", layout="stereo", samples=1000)
            part.sample_rate, part.pts, part.time_base = RATE, start, Fraction(1, RATE)
            for plane in part.planes:
                plane.update(wave.tobytes().ljust(plane.buffer_size, b"\0"))
            file.mux(sound.encode(part))
        file.mux(sound.encode(None))


def floor(folder: Path, names: list[str]) -> tuple[str, list[str]]:
    """What callsheet is compared with: its name and its command."""
    program = shutil.which("ffmpeg")
    if program is None:
        return "PyAV, bare loop", [sys.executable, "-c", BARE, "clips.txt", "bare.mp4"]
    listing = folder / "list.txt"
    listing.write_text("".join(f"file '{folder / name}'\n" for name in names), encoding="utf-8")
    copy = ["-c:v", "copy", "-c:a", "aac", "-ar", str(RATE), "-movflags", "+faststart"]
    read = ["-f", "concat", "-safe", "0", "-i", str(listing)]
    return "ffmpeg", [program, "-v", "error", "-y", *read, *copy, "bare.mp4"]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--clips", type=int, default=100)
    words.add_argument("--runs", type=int, default=3)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [f"{number}.mp4" for number in range(4)]
        for number, file in enumerate(names):
            clip(folder / file, number)
        listed = [names[i % len(names)] for i in range(given.clips)]
        (folder / "clips.txt").write_text("\n".join(listed), encoding="utf-8")
        what, command = floor(folder, listed)
        ours = [sys.executable, "-c", OURS, "clips.txt", "out"]
        found = in_turns({"callsheet": (ours, folder), what: (command, folder)}, given.runs)
    ratio = found["callsheet"] / found[what]
    for each, seconds in found.items():
        print(f"{each:<16} {seconds:6.2f} s CPU")
    print(f"{'ratio':<16} {ratio:6.2f}   {given.clips} clips of 2 s, copied; at most {MOST}")
    sys.exit(ratio > MOST)


if __name__ == "__main__":
    main()
