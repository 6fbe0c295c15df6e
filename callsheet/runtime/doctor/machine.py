"""Python, the libraries, FFmpeg, the fonts."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.runtime.doctor.finding import Finding

NEWEST_PYTHON: Final = (3, 14)
"""The newest minor version that callsheet is tested with."""
REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+)\s*(\[[^\]]*\])?\s*(?P<bounds>[<>=!~\d.,*\s]*)\Z")
BOUND: Final = re.compile(r"(?P<how><=|>=|==|<|>)\s*(?P<version>\d[\d.]*)")
NEEDED: Final = (
    "av",
    "pillow",
    "httpx",
    "httpcore",
    "h11",
    "sniffio",
    "pydantic",
    "pyyaml",
    "jinja2",
    "networkx",
    "click",
    "rich",
)
SCRIPTS: Final = {
    "Latin": "Aé",
    "Greek": "Ω",
    "Cyrillic": "Ж",
    "Arabic": "ع",
    "Hebrew": "א",
    "Devanagari": "क",
    "Thai": "ก",
    "Chinese": "中文",
    "Japanese": "あア",
    "Korean": "한글",
}
"""Scripts that subtitles are often in, each with characters of it."""


def machine() -> Iterator[Finding]:
    """What is known of this machine, wherever the project is."""
    yield _python()
    yield from _libraries()
    yield from _ffmpeg()
    yield _fonts()


def _python() -> Finding:
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    said = f"{platform.python_implementation()} {platform.python_version()} on {system}"
    if sys.version_info[:2] > NEWEST_PYTHON:
        newest = ".".join(map(str, NEWEST_PYTHON))
        return Finding("warning", "Python", f"{said}: not tested yet", f"use Python {newest} if it fails")
    return Finding("ok", "Python", said)


def _libraries() -> Iterator[Finding]:
    """The versions of what callsheet needs."""
    shown: list[str] = []
    for requirement in _required():
        match = REQUIREMENT.match(requirement)
        if match is None:  # of an extra, or of another system
            continue
        try:
            found = version(match["name"])
        except PackageNotFoundError:
            yield Finding("error", "libraries", f"{match['name']} is missing", "pip install -U callsheet")
            continue
        shown.append(f"{match['name']} {found}")
        if not _within(found, match["bounds"]):
            message = f"{match['name']} {found} is not {match['bounds'].strip()}"
            yield Finding("warning", "libraries", message, f'pip install "{requirement}"')
    yield Finding("ok", "libraries", ", ".join(shown))


def _required() -> list[str]:
    """What callsheet says that it needs; of one that is run from its source, the names."""
    try:
        return requires("callsheet") or []
    except PackageNotFoundError:
        return list(NEEDED)


def _within(found: str, bounds: str) -> bool:
    """Whether a version is within bounds such as `>=8.2,<9`."""
    tests = {
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        "<": lambda a, b: a < b,
        "==": lambda a, b: a == b,
    }
    return all(
        tests[bound["how"]](_numbers(found), _numbers(bound["version"])) for bound in BOUND.finditer(bounds)
    )


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a version; `18.0` and `18` are the same."""
    found = re.match(r"\d+(\.\d+)*", text)
    numbers = tuple(map(int, found[0].split("."))) if found else ()
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers


def _ffmpeg() -> Iterator[Finding]:
    try:
        from callsheet.nodes.media.codec.build import ffmpeg_build

        build = ffmpeg_build()
    except (ImportError, OSError) as error:
        step = "pip install --force-reinstall av; on Linux it needs glibc 2.28 or newer"
        yield Finding("error", "FFmpeg", f"PyAV cannot be loaded: {error}", step)
        return
    said = f"FFmpeg {build.ffmpeg} in PyAV {build.pyav}"
    if not build.encoder:
        yield Finding(
            "error",
            "FFmpeg",
            f"{said} has no video encoder",
            "pip install --force-reinstall --only-binary av av",
        )
    elif build.missing:
        message = f"{said} writes {build.encoder}, but {', '.join(build.missing)}"
        yield Finding("warning", "FFmpeg", message, "pip install --force-reinstall --only-binary av av")
    else:
        yield Finding("ok", "FFmpeg", f"{said}; writes {build.encoder}")


def _fonts() -> Finding:
    try:
        from callsheet.nodes.media.text.family import family, missing

        fonts = family()
        lacking = [name for name, sample in SCRIPTS.items() if missing(sample, fonts)]
    except (CallsheetError, ImportError, OSError) as error:
        step = "pip install --force-reinstall pillow"
        return Finding("error", "fonts", f"no text can be drawn: {error}", step)
    if lacking:
        message = f"no font for {', '.join(lacking)}"
        return Finding("note", "fonts", message, 'pip install "callsheet[fonts]", if your texts have them')
    return Finding("ok", "fonts", f"{len(SCRIPTS)} scripts, from Latin to Korean")
