"""Compile the knowledge files to the records that are shipped: run it after each change to one of them.

python scripts/compile_knowledge.py            writes callsheet/nodes/catalogue/data/knowledge.*
python scripts/compile_knowledge.py --check    only tells whether they are up to date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "catalogue"), str(HERE.parent)]

from knowledge import facts_in, records_of  # noqa: E402
from records import rendered  # noqa: E402

CATALOGUE = HERE.parent / "callsheet" / "nodes" / "catalogue"
HEAD = {"package": "callsheet", "licence": "Apache-2.0"}


def compiled() -> tuple[bytes, bytes]:
    """(the lines, the index) that belong to the knowledge files."""
    lines = (CATALOGUE / "data" / "endpoints.jsonl").read_text("utf-8").splitlines()
    generated = {record["endpoint"]: record for record in map(json.loads, lines)}
    common, facts = facts_in(CATALOGUE / "knowledge")
    return rendered({**HEAD, **common}, records_of(CATALOGUE / "knowledge", generated, facts))


def up_to_date() -> bool:
    """Whether the shipped records are what the knowledge files say."""
    files = (CATALOGUE / "data" / "knowledge.jsonl", CATALOGUE / "data" / "knowledge.index.json")
    return all(path.is_file() for path in files) and tuple(p.read_bytes() for p in files) == compiled()


def main() -> None:
    if "--check" in sys.argv:
        sys.exit(0 if up_to_date() else "out of date: run scripts/compile_knowledge.py")
    lines, index = compiled()
    (CATALOGUE / "data" / "knowledge.jsonl").write_bytes(lines)
    (CATALOGUE / "data" / "knowledge.index.json").write_bytes(index)
    print(len(lines.splitlines()), "endpoints with knowledge")


if __name__ == "__main__":
    main()
