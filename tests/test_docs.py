"""What the docs show works: every pipeline in them is checked, and their lists are complete."""

import re
from pathlib import Path

import pytest

from callsheet.api import check
from callsheet.dsl.codes import CODES
from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.render import render_all

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
RECIPE = "recipes/board.yaml"
PIPELINES = [
    pytest.param(block, id=f"{page.name}-{i}")
    for page in PAGES
    for i, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
    if re.search(r"^callsheet: 1$", block, re.MULTILINE)
]


@pytest.mark.parametrize("text", PIPELINES)
def test_every_pipeline_in_the_docs_is_right(text: str, tmp_path: Path) -> None:
    (tmp_path / "shots.csv").write_bytes((ROOT / "examples/lighthouse/shots.csv").read_bytes())
    if f"uses: ./{RECIPE}" in text:
        page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
        (recipe,) = re.findall(rf"`{RECIPE}` may be\n\n```yaml\n(.*?)```", page, re.DOTALL)
        (tmp_path / RECIPE).parent.mkdir()
        (tmp_path / RECIPE).write_text(recipe, encoding="utf-8")
    path = tmp_path / "film.yaml"
    path.write_text(text, encoding="utf-8")
    assert not check(path).diagnostics


def test_the_docs_show_pipelines() -> None:
    assert len(PIPELINES) >= 3


def test_every_rule_is_documented() -> None:
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE) == list(CODES)
    for code, line in CODES.items():
        assert f"| `{code}` | {line} |" in page


def test_every_filter_is_documented() -> None:
    page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"<!-- filters -->(.*?)<!-- /filters -->", page)
    assert re.findall(r"`(\w+)`", listed) == sorted(FILTERS)


def test_the_mistake_in_the_readme_is_what_check_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (film,) = [block for block in BLOCK.findall(page) if block.startswith("callsheet: 1")]
    (shown,) = re.findall(r"<!-- mistake -->\n```text\n(.*?)\n```", page, re.DOTALL)
    (tmp_path / "shots.csv").write_bytes((ROOT / "examples/lighthouse/shots.csv").read_bytes())
    monkeypatch.chdir(tmp_path)
    Path("film.yaml").write_text(film.replace("duration: 8s", 'duration: "8"'), encoding="utf-8")
    assert render_all(check("film.yaml").diagnostics) == shown
