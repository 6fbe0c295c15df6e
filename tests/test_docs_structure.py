"""Every page of the documentation can be found, and leads on; what it quotes is what callsheet says."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for place in ("*.md", "tutorials/*.md", "howto/*.md")
    for page in DOCS.glob(place)
    if page != DOCS / "README.md"
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+\.md)(?:#[^)\s]*)?\)")
ITEM = re.compile(r"^- \[.+?\]\(([\w./-]+\.md)\): ", re.MULTILINE)
SECTIONS = [
    "Getting started",
    "Tutorials",
    "How-tos",
    "Concepts",
    "Reference",
    "Troubleshooting",
    "Take part",
]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links_of(page: Path, text: str) -> set[Path]:
    return {(page.parent / path).resolve() for path in LINK.findall(text)} - {page}


def test_the_contents_have_the_sections_of_the_four_kinds_of_pages() -> None:
    assert re.findall(r"^## (.+)$", text_of(DOCS / "README.md"), re.MULTILINE) == SECTIONS


def test_every_page_is_in_the_contents_once() -> None:
    contents = text_of(DOCS / "README.md").split("## Getting started")[1]
    listed = [DOCS / path for path in ITEM.findall(contents) if not path.startswith(("..", "decisions"))]
    howtos = text_of(DOCS / "howto/README.md").split("## On other pages")[0]
    listed += [DOCS / "howto" / path for path in ITEM.findall(howtos)]
    assert sorted(listed) == PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_leads_on_at_its_end(page: Path) -> None:
    *_, last = re.split(r"^## ", text_of(page), flags=re.MULTILINE)
    assert links_of(page, last), f"{page.name} ends with no link to another page"


HABITS = re.compile(
    r"\b(taken up|takes? up|what came|anew|is met|brought home|called back|put right|put in|no seal|read off"
    r"|(?:is|are) meant|makes? up for|taken over|what it reaches)\b",
    re.IGNORECASE,
)
"""Words that readers with another first language did not understand, or took for something else."""
FILES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md")),
    *sorted(DOCS.rglob("*.md")),
    *sorted((DOCS / "schemas").glob("*.json")),
]


def test_every_page_is_written_in_plain_words() -> None:
    found = {path.relative_to(ROOT): HABITS.findall(text_of(path)) for path in FILES}
    assert {path: words for path, words in found.items() if words} == {}


# What the pages quote


SOURCE = "\n".join(text_of(path) for path in sorted((ROOT / "callsheet").rglob("*.py")))
OTHERS = {"callsheet: command not found"}
"""What a shell says, and not callsheet."""


def quoted() -> Iterator[str]:
    """Each message in a heading of the page about trouble."""
    for heading in re.findall(r"^### (.+)$", text_of(DOCS / "troubleshooting.md"), re.MULTILINE):
        yield from re.findall(r"`([^`]+)`", heading)


@pytest.mark.parametrize("message", sorted(set(quoted()) - OTHERS))
def test_a_message_in_the_page_about_trouble_is_one_that_callsheet_says(message: str) -> None:
    if code := re.fullmatch(r"(?:error|warning)\[(.+)\]", message):
        assert f'Rule("{code[1]}"' in SOURCE
        return
    words = [part.strip(" ,") for part in re.split(r"…|FAL_KEY", message)]
    assert any(words)
    assert [part for part in words if part not in SOURCE] == []


def test_the_page_about_trouble_has_every_exit_code_of_the_guide() -> None:
    codes = [
        re.findall(r"^\| (\d+) \|", text_of(DOCS / name), re.MULTILINE)
        for name in ("guide.md", "troubleshooting.md")
    ]
    assert codes[0] == codes[1] == ["0", "1", "2", "3", "4", "130"]


def test_installing_has_every_extra_for_users() -> None:
    extras = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    listed = re.findall(r"^\| `(\w+)` \|", text_of(DOCS / "install.md"), re.MULTILINE)
    assert sorted(listed) == sorted(set(extras) - {"test", "docs", "dev"})
