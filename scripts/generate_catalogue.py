"""Write the generated part of the catalogue from the endpoint types that fal's JavaScript client publishes.

    python scripts/generate_catalogue.py            fetches the package with `npm pack`
    python scripts/generate_catalogue.py --types endpoints.d.ts --release 1.10.1 --date 2026-05-04
    python scripts/generate_catalogue.py --live models/      and what `callsheet models sync` wrote there

The newest release describes an endpoint. Older releases fill in those that have left the list since; such a
record says in which release it was last seen. Same releases in, same bytes out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "catalogue"), str(HERE.parent)]

from facts import Facts  # noqa: E402
from live import with_live  # noqa: E402
from records import write_records  # noqa: E402
from typescript import parse  # noqa: E402

from callsheet.nodes.openapi.live_list import LiveList  # noqa: E402

PACKAGE = "@fal-ai/client"
LICENCE = "MIT"
OLDER = ("1.8.0", "1.7.0", "1.6.0", "1.5.0", "1.2.1")
TARGET = HERE.parent / "callsheet" / "nodes" / "catalogue" / "data" / "endpoints"


@dataclass(frozen=True)
class Release:
    """One published release: its number, its date and the text of its endpoint types."""

    number: str
    date: str
    text: str


def npm(*words: str, cwd: Path | None = None) -> str:
    return subprocess.run(["npm", *words], check=True, capture_output=True, text=True, cwd=cwd).stdout


def published(number: str) -> Release:
    """The release `number` ("latest" for the newest) from the registry that npm is set up for."""
    number = json.loads(npm("view", f"{PACKAGE}@{number}", "version", "--json"))
    times = json.loads(npm("view", PACKAGE, "time", "--json"))
    with tempfile.TemporaryDirectory() as folder:
        npm("pack", "--silent", f"{PACKAGE}@{number}", cwd=Path(folder))
        archive = next(Path(folder).glob("*.tgz"))
        return Release(number, times.get(number, "")[:10], endpoint_types(archive))


def endpoint_types(archive: Path) -> str:
    """The text of the endpoint declarations inside a package."""
    with tarfile.open(archive) as tar:
        member = next(m for m in tar.getmembers() if m.name.endswith("types/endpoints.d.ts"))
        file = tar.extractfile(member)
        if file is None:
            raise FileNotFoundError(f"{archive.name} has no endpoint types")
        return file.read().decode()


def merged(releases: list[Release]) -> list[dict[str, Any]]:
    """One record per endpoint, newest first to speak; sorted by id."""
    found: dict[str, dict[str, Any]] = {}
    for release in releases:
        for record in Facts(parse(release.text)).endpoints():
            if release is not releases[0]:
                record["last_seen"] = release.number
            found.setdefault(record["endpoint"], record)
    return [found[key] for key in sorted(found)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the generated part of the catalogue.")
    parser.add_argument("--types", type=Path, help="a declaration file to read instead of npm's newest")
    parser.add_argument("--release", default="latest", help="the release to read; with --types, its number")
    parser.add_argument("--date", default="", help="with --types: the date of that file")
    parser.add_argument("--live", type=Path, help="a folder that `callsheet models sync` filled")
    parser.add_argument("--no-older", action="store_true", help="leave out what only older releases had")
    parser.add_argument("--target", type=Path, default=TARGET, help="where to write, without an ending")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.types:
        newest = Release(given.release, given.date, given.types.read_text("utf-8"))
    else:
        newest = published(given.release)
    releases = [newest] + ([] if given.no_older else [published(number) for number in OLDER])
    head = {
        "package": PACKAGE,
        "version": newest.number,
        "date": newest.date,
        "licence": LICENCE,
        "older": [r.number for r in releases[1:]],
    }
    records = merged(releases)
    if given.live:
        records = with_live(records, given.live)
        head["live"] = LiveList(given.live).date
    write_records(given.target, head, records)
    print(f"{len(records)} endpoints from {PACKAGE} {newest.number} ({newest.date})")


if __name__ == "__main__":
    main()
