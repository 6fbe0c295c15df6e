"""Print what CHANGELOG.md says of a version, if its tag, callsheet/_version.py and the changelog agree.

python scripts/release_notes.py v0.2.0
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
HEADING: Final = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d\d-\d\d))?$", re.MULTILINE)


def notes(tag: str, version: str, changelog: str) -> str:
    """The section of `version`. Raises ValueError, with the next step, where the three disagree."""
    if tag != f"v{version}":
        raise ValueError(
            f"the tag is {tag}, but callsheet/_version.py says {version}: tag v{version}, or change the file"
        )
    headings = list(HEADING.finditer(changelog))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading["version"] == version:
            if heading["date"] is None:
                raise ValueError(
                    f"CHANGELOG.md: the heading of {version} needs a date, `## [{version}] - YYYY-MM-DD`"
                )
            return changelog[heading.end() : following.start() if following else None].strip() + "\n"
    raise ValueError(
        f"CHANGELOG.md has no section `## [{version}] - YYYY-MM-DD`: rename [Unreleased], and open a new one"
    )


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print(__doc__)
        return 2
    (version,) = re.findall(
        r'^__version__ = "(.+)"$', (ROOT / "callsheet/_version.py").read_text("utf-8"), re.MULTILINE
    )
    try:
        print(notes(arguments[0], version, (ROOT / "CHANGELOG.md").read_text("utf-8")), end="")
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
