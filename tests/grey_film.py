"""A film whose pictures tell their number: the greys of each shot rise, which tells the frame."""

from __future__ import annotations

from pathlib import Path

import av

FILM = """
callsheet: 1
name: harbour
inputs:
  shots:
    items: {name: string, video: video}
    default:
      - {name: dawn, video: ./dawn.mp4}
      - {name: dusk, video: ./dusk.mp4}
      - {name: night, video: ./night.mp4}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.name }}"}
nodes:
  clip: {each: shot, uses: media/pick, with: {videos: ["${{ shot.video }}"]}}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}", dawn: "${{ clip['dawn'].video }}"}
"""
LEVELS = {"dawn": 20, "dusk": 90, "night": 160}
OUT = Path("out/harbour")


def grey_shot(name: str, first: int, frames: int = 24, rate: int = 24) -> None:
    """A video of greys: the luma of each picture is `first` + 2 × its number."""
    with av.open(f"{name}.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for k in range(frames):
            frame = av.VideoFrame(64, 36, "yuv420p")
            for plane, grey in zip(frame.planes, (first + 2 * k, 128, 128), strict=True):
                plane.update(bytes([grey]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def levels(path: Path = OUT / "film.mp4") -> list[int]:
    """The luma in the middle of each picture of a film."""
    with av.open(str(path)) as container:
        planes = (frame.planes[0] for frame in container.decode(video=0))
        return [bytes(plane)[18 * plane.line_size + 32] for plane in planes]


def near(found: list[int], wanted: list[int]) -> None:
    """Fail where a picture is another one than wanted."""
    assert len(found) == len(wanted)
    assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= 1, (found, wanted)


def write_film(text: str = FILM) -> None:
    """Write its three shots and its pipeline into the current folder."""
    for name, level in LEVELS.items():
        grey_shot(name, level)
    Path("film.yaml").write_text(text, encoding="utf-8")
