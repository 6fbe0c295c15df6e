"""Take the facts of a file of models over into the catalogue's own, compact form.

    python scripts/gather_facts.py FACTS.yaml     writes callsheet/nodes/catalogue/knowledge/models.jsonl

Run scripts/compile_knowledge.py after it. Same facts in, same bytes out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "catalogue"), str(HERE.parent)]

from model_facts import head, lines  # noqa: E402
from records import compact  # noqa: E402

TARGET = HERE.parent / "callsheet" / "nodes" / "catalogue" / "knowledge" / "models.jsonl"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/gather_facts.py FACTS.yaml")
    facts = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8"))
    written = [compact(line) for line in (head(facts), *lines(facts))]
    TARGET.write_text("\n".join(written) + "\n", "utf-8")
    print(len(written) - 1, "endpoints")


if __name__ == "__main__":
    main()
