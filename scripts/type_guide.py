"""Type what docs/guide.md says to type, against the emulator, and write down what is printed.

python scripts/type_guide.py            # write it
python scripts/type_guide.py --check    # exit 1 if something else is printed

Blocks marked `console` are typed, line by line after `$`. A block after `<!-- file: NAME -->` is what that
file holds from there on, one after `<!-- change: NAME -->` changes lines of it.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

from callsheet.cli.main import main as callsheet
from callsheet.emulator import Emulator

PAGE: Final = Path(__file__).parent.parent / "docs" / "guide.md"
BLOCK: Final = re.compile(
    r"(?:<!-- (?P<what>file|change): (?P<name>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```\n", re.DOTALL
)
PROGRESS: Final = re.compile(r"^(?:start   |note    |\[\d+/\d+\] ).*\n", re.MULTILINE)
PASSING: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "moment"),
    (re.compile(r"billed before, \d{4}-\d\d-\d\d"), "billed before"),
    (re.compile(r"\b[0-9a-f]{4,64}\b"), "digest"),
    (re.compile(r"\b\d+m \d+s|\b\d+(\.\d+)?s\b"), "time"),
    (re.compile(r"\b\d+ k?B\b"), "size"),
    (re.compile(r" +"), " "),
)
"""What is different each time, and the word that stands for it in a comparison."""
AUTHOR: Final = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "guide"), ("EMAIL", "guide@example.org"))
}


def lasting(text: str) -> str:
    """`text` without what is different each time."""
    for pattern, word in PASSING:
        text = pattern.sub(word, text)
    return text


def typed(page: str) -> str:
    """`page` with what its commands print now; where only passing things differ, as it was.

    Works in the current folder; the provider and its key are in the environment.
    """
    return BLOCK.sub(_block, page)


def _block(block: re.Match[str]) -> str:
    text = block["text"]
    if block["what"] == "file":
        Path(block["name"]).write_text(text, encoding="utf-8")
    elif block["what"] == "change":
        _change(Path(block["name"]), text)
    elif block["kind"] == "console":
        now = _session(text)
        return block[0] if lasting(now) == lasting(text) else f"```console\n{now}```\n"
    return block[0]


def _change(file: Path, lines: str) -> None:
    """Replace the lines marked `-`, and those that stay, by those marked `+`, and those that stay."""
    before = "".join(line[2:] for line in lines.splitlines(keepends=True) if line[0] != "+")
    after = "".join(line[2:] for line in lines.splitlines(keepends=True) if line[0] != "-")
    text = file.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{file} has no such lines, or several:\n{before}")
    file.write_text(text.replace(before, after), encoding="utf-8")


def _session(text: str) -> str:
    commands = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{_output(command)}" for command in commands)


def _output(command: str) -> str:
    """What `command` prints, with one line in place of a run's progress."""
    match shlex.split(command):
        case ["cd", folder]:
            os.chdir(folder)
            return ""
        case ["callsheet", *words]:
            printed = _said(words)
        case _:
            shell = ["bash", "-c", command]
            printed = subprocess.run(shell, check=True, capture_output=True, text=True).stdout
    return re.sub(r"(?:…\n)+", "…\n", PROGRESS.sub("…\n", printed))


def _said(words: list[str]) -> str:
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            callsheet(words)
        except SystemExit as left:
            if left.code == 3:
                raise RuntimeError(f"callsheet {shlex.join(words)}: {said.getvalue()}") from left
    return said.getvalue()


def surroundings(provider: Emulator, folder: Path) -> dict[str, str]:
    """The environment of the typist: an emulated provider, a key to it, and a home in `folder`."""
    return {**AUTHOR, "CALLSHEET_FAL_URL": provider.url, "FAL_KEY": "any", "HOME": str(folder)}


def main() -> None:
    before = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, Emulator(tiny=True) as provider, chdir(folder):
        os.environ.update(surroundings(provider, Path(folder)))
        now = typed(before)
    if "--check" in sys.argv:
        sys.exit(now != before)
    PAGE.write_text(now, encoding="utf-8")


if __name__ == "__main__":
    main()
