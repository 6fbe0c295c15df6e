"""Type what pages of docs/ say to type, against the emulator, and write down what is printed.

python scripts/type_pages.py            # type the guide, the tutorials and the how-tos
python scripts/type_pages.py guide      # only this page
python scripts/type_pages.py --check    # write nothing; exit 1 if something else is printed

Blocks marked `console` are typed, line by line after `$`. A block after `<!-- file: NAME -->` is what that
file holds from there on, one after `<!-- change: NAME -->` changes lines of it. The comment
`<!-- fault: KIND OPTION=N -->` makes the provider fail. Each page begins in an empty folder.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Final

from callsheet.cli.main import main as callsheet
from callsheet.emulator import Emulator

DOCS: Final = Path(__file__).parent.parent / "docs"
FOLDERS: Final = ("tutorials", "howto")
BLOCK: Final = re.compile(
    r"<!-- fault: (?P<fault>.+?) -->\n"
    r"|(?:<!-- (?P<what>file|change): (?P<name>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```\n",
    re.DOTALL,
)
AGEING: Final = re.compile(r"^prices read more than \d+ days ago.*\n", re.MULTILINE)
"""What is printed from some day on; the pages leave it out."""
LEFT_OUT: Final = re.compile(r"^(?:start   |note    |\[\d+/\d+\] |git config |wrote /).*\n", re.MULTILINE)
"""Progress, and what names folders of this machine."""
PASSING: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "moment"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "day"),
    (re.compile(r"^about .+ along .+$", re.MULTILINE), "about the time"),
    (re.compile(r"\b[0-9a-f]{4,64}\b"), "digest"),
    (re.compile(r"\b\d+m \d+s|\b\d+(\.\d+)?s\b"), "time"),
    (re.compile(r"\b\d+ k?B\b"), "size"),
    (re.compile(r" +"), " "),
)
"""What is different each time, and the word that stands for it in a comparison."""
GIT: Final = "[user]\n\tname = guide\n\temail = guide@example.org\n"
"""The settings of the typist; those of a repository count more."""


def lasting(text: str) -> str:
    """`text` without what is different each time."""
    for pattern, word in PASSING:
        text = pattern.sub(word, text)
    return text


def pages() -> dict[str, Path]:
    """The pages that are typed, by name."""
    found = [DOCS / "guide.md", *(path for name in FOLDERS for path in sorted((DOCS / name).glob("*.md")))]
    return {path.stem: path for path in found if "\n$ " in path.read_text(encoding="utf-8")}


def typed(page: str, provider: Emulator) -> str:
    """`page` with what its commands print now; where only passing things differ, as it was.

    Works in the current folder; the address of the provider and its key are in the environment.
    """
    return BLOCK.sub(partial(_block, provider), page)


def _block(provider: Emulator, block: re.Match[str]) -> str:
    text = block["text"]
    if block["fault"]:
        kind, *options = block["fault"].split()
        provider.fault(kind, **{name: int(value) for name, _, value in (o.partition("=") for o in options)})
    elif block["what"] == "file":
        Path(block["name"]).parent.mkdir(parents=True, exist_ok=True)
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
    said = ""
    for command in (line[2:] for line in text.splitlines() if line.startswith("$ ")):
        said += f"$ {command}\n"
        try:
            said += _output(command)
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"{said}{error.stdout}{error.stderr}") from None
    return said


def _output(command: str) -> str:
    """What `command` prints, with one line in place of a run's progress."""
    match shlex.split(command):
        case ["cd", folder]:
            os.chdir(folder)
            return ""
        case ["callsheet", *words]:
            printed = AGEING.sub("", _said(words))
        case _:
            shell = ["bash", "-c", command]
            printed = subprocess.run(shell, check=True, capture_output=True, text=True).stdout
    return re.sub(r"(?:…\n)+", "…\n", LEFT_OUT.sub("…\n", printed))


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
    settings = folder / ".home" / ".gitconfig"
    settings.parent.mkdir()
    settings.write_text(GIT, encoding="utf-8")
    home = {"HOME": str(settings.parent), "GIT_CONFIG_GLOBAL": str(settings)}
    return {**home, "CALLSHEET_FAL_URL": provider.url, "FAL_KEY": "any"}


def main(arguments: Sequence[str]) -> int:
    names = [word for word in arguments if word != "--check"] or list(pages())
    changed = 0
    for path in (pages()[name] for name in names):
        before = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, Emulator(tiny=True) as provider, chdir(folder):
            os.environ.update(surroundings(provider, Path(folder)))
            now = typed(before, provider)
        if now != before:
            changed += 1
            print(path.relative_to(DOCS))
            if "--check" not in arguments:
                path.write_text(now, encoding="utf-8")
    return int("--check" in arguments and changed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
