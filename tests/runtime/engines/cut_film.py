"""A film of short pieces of one clip, made on an engine and on this machine."""

import shutil
from pathlib import Path

import callsheet as api
from tests.grey_film import grey_shot
from tests.runtime.engines.test_run_on import made

FILM = """
callsheet: 1
name: harbour
inputs:
  shots: {items: {name: string, at: number}, default: SHOTS}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.name }}"}}
nodes:
  part: {each: shot, uses: media/trim, with: {video: ./long.mp4, start: "${{ shot.at }}"}}
  slow: {each: shot, uses: SLOW}
  film: {uses: media/concat, with: {videos: "${{ JOINED.video }}", width: 96, fps: 30}}
outputs: {film: "${{ film.video }}"}
"""


def write_cut_film(shots: int, slow: str, joined: str) -> None:
    """Write the clip and the pipeline into the current folder. slow: the operation of the node `slow`, and
    what it is given. joined: the node whose results are joined."""
    grey_shot("long", 20, frames=100)
    rows = ", ".join(f"{{name: s{n}, at: {0.1 + n / 100}}}" for n in range(shots))
    text = FILM.replace("SHOTS", f"[{rows}]").replace("SLOW", slow).replace("JOINED", joined)
    Path("film.yaml").write_text(text)


def same_as_here(state: str, out: str) -> None:
    """What was made far away, into these two folders, is what this process makes."""
    shutil.rmtree(out)
    Path("film.lock.yaml").unlink()
    api.run("film.yaml", state="near", out="out-near")
    assert made("near") <= made(state)
