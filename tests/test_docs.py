"""What the docs show works: every pipeline in them is checked, and their lists are complete."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from callsheet import check
from callsheet.cli.main import GROUPS, VERBS, callsheet
from callsheet.cli.pages import PAGES as PAGES_OF_VERBS
from callsheet.dsl.diagnostics.render import render_all
from callsheet.dsl.expression.allowlist import FUNCTIONS
from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.syntax.node_parser import NODE_KEYS
from callsheet.dsl.syntax.parser import TOP_KEYS
from callsheet.nodes.registry import Registry

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = [ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md")]
FILE = re.compile(r"`((?:callsheet|tests|scripts|docs|benchmarks|examples)/[^`\s]*)`")
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
MODEL = re.compile(r"\b(?:fal-ai|veed|wan|bria)/[\w./-]*\w")
RECIPE = "recipes/board.yaml"
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
PIPELINES = [
    pytest.param(block, id=f"{page.name}-{i}")
    for page in PAGES
    for i, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
    if re.search(r"^callsheet: 1$", block, re.MULTILINE)
]


@pytest.mark.parametrize("text", PIPELINES)
def test_every_pipeline_in_the_docs_is_right(text: str, tmp_path: Path) -> None:
    for file in ("lighthouse/shots.csv", "screenplay/lamp.fountain"):
        shutil.copy(ROOT / "examples" / file, tmp_path)
    if f"uses: ./{RECIPE}" in text:
        page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
        (recipe,) = re.findall(rf"`{RECIPE}` may be\n\n```yaml\n(.*?)```", page, re.DOTALL)
        (tmp_path / RECIPE).parent.mkdir()
        (tmp_path / RECIPE).write_text(recipe, encoding="utf-8")
    path = tmp_path / "film.yaml"
    path.write_text(text, encoding="utf-8")
    assert not check(path).diagnostics


@pytest.mark.parametrize("name", ["looks", "transitions"])
def test_the_pictures_of_the_docs_can_be_made(name: str) -> None:
    assert not check(ROOT / f"scripts/pictures/{name}.yaml").diagnostics


def test_the_docs_show_pipelines() -> None:
    assert len(PIPELINES) >= 3


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


def test_the_readme_has_every_verb_in_the_groups_of_the_help() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    table = page.split("## What it does\n")[1].split("\n\n![")[0]
    heads = re.split(r"^\| \*\*(\w+)\*\* \| \|\n", table, flags=re.MULTILINE)[1:]
    tables = dict(zip(heads[::2], heads[1::2], strict=True))
    assert [head.capitalize() for head in tables] == list(GROUPS)
    for group, verbs in GROUPS.items():
        cells = re.findall(r"^\| (.*?) \|", tables[group.lower()], re.MULTILINE)
        typed = [code for cell in cells for code in re.findall(r"`(.*?)`", cell)]
        named = [code.removeprefix("callsheet ").split()[0] for code in typed]
        assert list(dict.fromkeys(named)) == list(verbs), group


def options() -> Iterator[tuple[str, click.Option]]:
    for verb in VERBS:
        command = callsheet.get_command(click.Context(callsheet), verb)
        inner = command.commands.values() if isinstance(command, click.Group) else ()
        for found in (command, *inner):
            assert found is not None and found.help, verb
            yield from ((verb, option) for option in found.params if isinstance(option, click.Option))


def test_every_option_says_what_it_does() -> None:
    assert [(verb, option.opts) for verb, option in options() if not option.help] == []
    assert [
        (verb, option.help) for verb, option in options() if not (option.help or "").endswith((".", ")"))
    ] == []


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each page with the words of each command that it shows: after a prompt, in a script, in the text."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        scripts = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
        prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        shown = re.findall(r"^\$ (callsheet .*)$", text, re.MULTILINE)
        shown += re.findall(r"^(callsheet .*)$", scripts, re.MULTILINE)
        shown += re.findall(r"`(callsheet [^`]*)`", prose)
        for line in shown:
            yield page.name, shlex.split(line, comments=True)


def options_of(verb: str, words: list[str]) -> set[str]:
    command = callsheet.get_command(click.Context(callsheet), verb)
    assert command is not None
    if isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words[0]]
    return {option for parameter in command.params for option in parameter.opts} | {"-h", "--help"}


def test_every_command_in_the_docs_can_be_typed() -> None:
    shown = [(page, words) for page, words in commands() if words[1] in VERBS]
    assert len(shown) > 60
    for page, (_, verb, *words) in shown:
        given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert not given - options_of(verb, words), (page, verb, words)


def test_every_verb_in_the_docs_exists() -> None:
    assert {words[1] for _, words in commands() if not words[1].startswith("-")} <= set(VERBS)


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for page in [*PAGES, *GUIDES]:
        for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), (page.name, path)
            if anchor:
                headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                assert anchor in map(slug, headings), (page.name, path, anchor)


def test_the_help_of_every_verb_names_its_page() -> None:
    assert list(PAGES_OF_VERBS) == list(VERBS)
    for verb, page in PAGES_OF_VERBS.items():
        command = callsheet.get_command(click.Context(callsheet), verb)
        assert command is not None and page in command.get_help(click.Context(command))
        path, _, anchor = page.partition("#")
        headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
        assert not anchor or anchor in map(slug, headings), (verb, page)


def test_every_file_that_contributors_are_told_to_touch_exists() -> None:
    named = [name for page in GUIDES for name in FILE.findall(page.read_text(encoding="utf-8"))]
    assert len(named) > 40
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []


@pytest.mark.parametrize(("heading", "keys"), [("The file", TOP_KEYS), ("Nodes", NODE_KEYS)])
def test_every_key_of_the_language_is_in_its_table(heading: str, keys: tuple[str, ...]) -> None:
    page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {heading}\n(.*?)^##", page, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE) == list(keys)


def test_every_function_is_documented() -> None:
    page = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| function \|.*?\n\n", page, re.MULTILINE | re.DOTALL)
    assert {name for name in FUNCTIONS if f"`{name}(" in table} == set(FUNCTIONS)


ABOUT_MODELS = {"catalogue.md", "models.md", "rules.md"}
"""Pages that name models which are gone, to say so: lists of models, and how a film leaves one."""


def test_no_page_teaches_a_model_that_is_gone() -> None:
    found = Registry()
    teaching = [page for page in [*PAGES, *GUIDES] if page.parent.name != "decisions"]
    texts = [page.read_text(encoding="utf-8") for page in teaching if page.name not in ABOUT_MODELS]
    named = {name for text in texts for name in MODEL.findall(text)}
    known = [spec for spec in map(found.find, sorted(named)) if spec is not None]
    assert len(known) > 30
    assert [spec.uses for spec in known if spec.status == "retired" or spec.gone] == []


def test_every_decision_has_its_number_and_a_line_in_the_index() -> None:
    folder = ROOT / "docs/decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert len({name[:4] for name in files}) == len(files)
    for name in files:
        assert (folder / name).read_text(encoding="utf-8").startswith(f"# {int(name[:4])}. ")
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((0.*?\.md)\)", index) == files
