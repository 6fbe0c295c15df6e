"""Every file in bad/ says on its lines what callsheet must say there.

    duration: "8"      ### parameter-choice "8s" "write `8s`"

means: on this line an error (or warning) with this code, whose message or help holds these texts.
Each finding must be expected, and each expectation found.
"""

import re
from pathlib import Path

import pytest

from callsheet import check

BAD = Path(__file__).parent / "bad"
EXPECTED = re.compile(r'###\s+([a-z0-9-]+)((?:\s+"[^"]*")*)')


def expectations(path: Path) -> list[tuple[int, str, list[str]]]:
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for code, texts in EXPECTED.findall(line):
            found.append((number, code, re.findall(r'"([^"]*)"', texts)))
    return found


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda p: p.stem)
def test_says_what_is_wrong_where(path: Path) -> None:
    said = [
        (d.span.source.position(d.span.start)[0], d)
        for d in check(path).diagnostics
        if d.span.source.path == path
    ]
    wanted = expectations(path)
    for number, code, texts in wanted:
        matching = [d for line, d in said if line == number and d.code == code]
        matching = [d for d in matching if all(t in d.message + " " + d.help for t in texts)]
        assert matching, (
            f"line {number}: no {code} with {texts} among {[(n, d.code, d.message, d.help) for n, d in said]}"
        )
        said.remove((number, matching[0]))
    assert not said, f"said without being expected: {[(n, d.code, d.message) for n, d in said]}"


def test_a_list_file_is_pointed_into() -> None:
    said = [d for d in check(BAD / "document.yaml").diagnostics if d.code == "list-column"]
    assert [d.span.place.rsplit("/")[-1] for d in said] == ["missing_column.csv:1:1"]
    assert "`prompt` is missing" in said[0].message
    assert "rename the column `promt`" in said[0].help
