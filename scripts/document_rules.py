"""Write docs/rules.md: every code of a message, and the rule behind it.

python scripts/document_rules.py            # write it
python scripts/document_rules.py --check    # exit 1 if it is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from callsheet.spec.rules.catalogue import by_subject
from callsheet.spec.rules.rule import Rule

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
HEAD = """\
# What callsheet says, and why

Every message about a file has a stable code: `film.yaml:12:17: error[parameter-choice]: "8" is not one of
"8s"`. `callsheet check --json` gives the same as data: `code`, `severity`, `path`, `line`, `column`,
`end_line`, `end_column` (the last one exclusive, all starting at 1), `message`, `help`, `notes`. This page
is written by `scripts/document_rules.py` from the rules in `callsheet/spec/rules/`, where the text of each
message stands too."""


def page() -> str:
    """The text of docs/rules.md."""
    return "\n\n".join((HEAD, *(_section(subject, rules) for subject, rules in by_subject().items()))) + "\n"


def _section(subject: ModuleType, rules: list[Rule]) -> str:
    assert subject.__doc__, subject
    rows = [f"| `{rule.code}` | {rule.about} |" for rule in rules]
    return "\n".join((f"## {subject.__doc__.removesuffix('.')}", "", "| code | rule |", "|---|---|", *rows))


def main() -> None:
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
