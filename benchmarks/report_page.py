"""What it takes to write the report of a large film, and to scroll in it.

    python benchmarks/report_page.py [--instances 1000] [--times 3]

Measured are CPU seconds of `callsheet report --media none` in a process of its own, the best of several;
the size of the page; and, in a headless Chromium (needs Playwright and Chromium), how long the main thread
works for a frame while each long view is scrolled through, as a trace of the browser tells it: the 95th
percentile and the most. Goals for 1,000 instances: below 2 s, at most 2 MB, at most 10 ms a frame; for
10,000 below 10 MB.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpu import cpu_seconds

GOALS = {"seconds": 2.0, "megabytes": 2.0, "milliseconds": 10.0}
STEPS, STEP = 120, 240
"""Frames that are scrolled, and pixels of each."""
VIEWS = ("board", "graph", "reuse")
FILM = """\
callsheet: 1
name: many
inputs:
  shots: {type: list, items: {id: string, prompt: string}, default: ./shots.csv}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}", seed: 7}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ shot.prompt }}", image_url: "${{ keyframe.images[0] }}", seed: 7}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}"}
"""
WORDS = "a lighthouse keeper walks along the cliff at dusk and is seen from the sea as slow and far away as"
SCROLL = """async ([id, steps, step]) => {
  const view = document.getElementById(`view-${id}`);
  for (let i = 0; i < steps; i += 1) {
    view.scrollTop += step;
    await new Promise(requestAnimationFrame);
  }
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_film(folder, asked.instances)
        command = [sys.executable, "-m", "callsheet", "report", "film.yaml", "--media", "none"]
        seconds = min(cpu_seconds(command, folder) for _ in range(asked.times))
        page = folder / "report.html"
        print(f"{asked.instances} instances: {seconds:.2f} s of CPU (goal {GOALS['seconds']:g})")
        print(f"the page has {page.stat().st_size / 1e6:.2f} MB (goal {GOALS['megabytes']:g})")
        for view, frames in scrolled(page):
            most, usual = max(frames), statistics.quantiles(frames, n=20)[-1]
            print(f"{view}: {usual:.1f} ms a frame, at most {most:.1f} (goal {GOALS['milliseconds']:g})")


def write_film(folder: Path, instances: int) -> None:
    (folder / "callsheet.toml").touch()
    (folder / "film.yaml").write_text(FILM)
    rows = (f"s{number:05d},{WORDS} {number}" for number in range(instances // 2))
    (folder / "shots.csv").write_text("\n".join(["id,prompt", *rows]))


def scrolled(page: Path) -> Iterator[tuple[str, list[float]]]:
    """Each long view, and the milliseconds of work for each frame in which it was scrolled."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for view in VIEWS:
            tab = browser.new_page(viewport={"width": 1366, "height": 820})
            tab.goto(f"{page.as_uri()}#{view}")
            tab.wait_for_timeout(500)
            browser.start_tracing(
                page=tab,
                categories=["devtools.timeline", "toplevel", "disabled-by-default-devtools.timeline"],
            )
            tab.evaluate(SCROLL, [view, STEPS, STEP])
            yield view, frames_of(json.loads(browser.stop_tracing())["traceEvents"])
            tab.close()
        browser.close()


def frames_of(events: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of the tasks of the page's main thread that draw a frame."""
    main = {(e["pid"], e["tid"]) for e in events if e["name"] == "FireAnimationFrame"}
    tasks = [
        e
        for e in events
        if e["name"] in ("RunTask", "ThreadControllerImpl::RunTask") and (e["pid"], e["tid"]) in main
    ]
    fired = sorted(e["ts"] for e in events if e["name"] == "FireAnimationFrame")
    found: list[float] = []
    for task in tasks:
        begin, end = task["ts"], task["ts"] + task.get("dur", 0)
        if any(begin <= at <= end for at in fired):
            found.append(task.get("tdur", task.get("dur", 0)) / 1000)
    return found


if __name__ == "__main__":
    main()
