"""`callsheet.toml`: every mistake is told with its place, and nothing in it is a way out of the project."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from callsheet._version import __version__
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import NodeDefaults
from callsheet.errors import InputError, PipelineError
from callsheet.nodes.registry import Registry
from callsheet.runtime.settings import Limits, settings_in
from callsheet.runtime.settings.apply import applied
from callsheet.spec.requirement import fits

WHOLE = """
requires = ">=0.1, <100"
store = "team/store"      # in the project
concurrency = 8
films = "films"
inputs = ["cast.yaml", "house.yaml"]
budget = { run = 20, month = 250.5 }

[recipes]
house = "house"
looks = "git+https://example.org/studio/looks@v2"

[defaults.text-to-image]
takes = 2
approve = true

[profiles.draft]
inputs = "draft.yaml"
set = { quality = "draft", count = 3, sound = true }
[profiles.draft.models]
"fal-ai/veo3" = "fal-ai/veo3/fast"
[profiles.final]
"""


def write(folder: Path, text: str) -> Path:
    (folder / "callsheet.toml").write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """(code, line:column, the text there) of each error."""
    with pytest.raises(PipelineError) as found:
        settings_in(write(folder, text))
    return [(d.code, d.span.place.partition("toml:")[2], d.span.text) for d in found.value.diagnostics]


def test_everything_is_read(tmp_path: Path) -> None:
    found = settings_in(write(tmp_path, WHOLE))
    assert (found.store, found.concurrency, found.budget) == ("team/store", 8, Limits(20.0, 250.5))
    assert found.inputs == (tmp_path / "cast.yaml", tmp_path / "house.yaml")
    assert found.films == (tmp_path / "films",)
    assert found.recipes == {"house": "house", "looks": "git+https://example.org/studio/looks@v2"}
    assert found.defaults == {"text-to-image": NodeDefaults(takes=2, approve=True)}
    draft = found.profile("draft")
    assert draft.inputs == (tmp_path / "draft.yaml",)
    assert {name: preset.text for name, preset in draft.sets.items()} == {
        "quality": "draft",
        "count": "3",
        "sound": "true",
    }
    assert {old: new.text for old, new in draft.models.items()} == {"fal-ai/veo3": "fal-ai/veo3/fast"}
    assert found.profile("").name == "" and found.profile("final").name == "final"
    with pytest.raises(InputError, match="no profile drafts") as error:
        found.profile("drafts")
    assert "`draft`" in error.value.next_step


def test_the_example_of_the_docs_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/project.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    found = settings_in(write(tmp_path, example))
    specs, report = Registry(), Report()
    for profile in found.profiles.values():
        applied(found, profile, specs, report)
    assert not report.sorted() and set(found.profiles) == {"draft", "final"}


def test_a_file_of_an_editor_of_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "callsheet.toml").write_bytes(b"\xef\xbb\xbfconcurrency = 3\r\n")
    assert settings_in(tmp_path).concurrency == 3


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_only_marks_the_project(tmp_path: Path, text: str) -> None:
    assert settings_in(tmp_path) == settings_in(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "code", "place", "marked"),
    [
        ("stoer = 'x'", "settings-key", "1:1", "stoer"),
        ("[budget]\nrun = 1\n  weekly = 3", "settings-key", "3:3", "weekly"),
        ("[profiles.draft]\nmodel = {}", "settings-key", "2:1", "model"),
        ("a.b = 1", "settings-key", "1:1", "a.b"),
        ("\n\nstore = 3", "settings-value", "3:1", "store"),
        ("store = '  '", "settings-value", "1:1", "store"),
        ("concurrency = true", "settings-value", "1:1", "concurrency"),
        ("concurrency = 0", "settings-value", "1:1", "concurrency"),
        ("budget = 3", "settings-value", "1:1", "budget"),
        ("budget = { run = -1 }", "settings-value", "1:1", "budget"),
        ("[budget]\nrun = nan", "settings-value", "2:1", "run"),
        ("[budget]\nmonth = 1" + "0" * 400, "settings-value", "2:1", "month"),
        ("budget.run = '5'", "settings-value", "1:1", "budget.run"),
        ("inputs = ['a.yaml', 3]", "settings-value", "1:1", "inputs"),
        ("profiles = []", "settings-value", "1:1", "profiles"),
        ("[profiles.'../x']", "settings-value", "1:2", "profiles.'../x'"),
        ("[defaults.x]\ntakes = 0", "settings-value", "2:1", "takes"),
        ("[defaults.x]\nretry = 21", "settings-value", "2:1", "retry"),
        ("[defaults.x]\napprove = 'yes'", "settings-value", "2:1", "approve"),
        ("[defaults.x]\ncache = 'off'", "settings-key", "2:1", "cache"),
        ("defaults.x = 1", "settings-value", "1:1", "defaults.x"),
        ("films = '..'", "settings-place", "1:1", "films"),
        ("[profiles.inputs]", "settings-value", "1:2", "profiles.inputs"),
        ("[profiles.x.set]\na = 2020-01-01", "settings-value", "2:1", "a"),
        ('[profiles.x.models]\n"a/b.c" = 1', "settings-value", "2:1", '"a/b.c"'),
        ("requires = '~1'", "settings-value", "1:1", "requires"),
        ("requires = '>=99'", "settings-version", "1:1", "requires"),
        ("inputs = '../x.yaml'", "settings-place", "1:1", "inputs"),
        ("inputs = '/etc/passwd'", "settings-place", "1:1", "inputs"),
        ("inputs = '.env'", "settings-place", "1:1", "inputs"),
        ("[profiles.x]\ninputs = '../x.yaml'", "settings-place", "2:1", "inputs"),
        ("store = '.'", "settings-place", "1:1", "store"),
        ("store = '.git'", "settings-place", "1:1", "store"),
        ("store = 'x/../.callsheet/blobs'", "settings-place", "1:1", "store"),
        ("recipes = 'house'", "settings-value", "1:1", "recipes"),
        ("[recipes]\nhouse = 3", "settings-value", "2:1", "house"),
        ("[recipes]\nhouse = '../house'", "settings-place", "2:1", "house"),
        ("[recipes]\nhouse = '.git'", "settings-place", "2:1", "house"),
        ("[recipes]\nHouse = 'house'", "settings-value", "2:1", "House"),
        ("[recipes]\nhouse = 'git+https://example.org/a'", "settings-value", "2:1", "house"),
        ("[recipes]\nhouse = 'git+https://example.org/a@v1#b.yaml'", "settings-value", "2:1", "house"),
        ("store = ", "settings-syntax", "1:8", " "),
        ("a = 1\na = 2", "settings-syntax", "2:5", "2"),
        ("x = " + "[" * 5000, "settings-syntax", "1:1", "x"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, text: str, code: str, place: str, marked: str
) -> None:
    (found,) = mistakes(tmp_path, text)
    assert found == (code, place, marked)


def test_what_the_name_of_a_profile_may_be(tmp_path: Path) -> None:
    for name, also in (("inputs", True), ("inputs-b", True), ("2d", False)):
        with pytest.raises(PipelineError) as error:
            settings_in(write(tmp_path, f"[profiles.{name}]"))
        message = error.value.diagnostics[0].message
        assert "begins with a letter" in message and ("the word `inputs`" in message) is also


PIECES = (
    '"', "'", '"""', "[", "]", "{", "}", "=", "\n", "#", ".", "\\", "\0", "é", "😀", "1e999", "nan", "true",
    "../", "://", "git+", "\r\n", "[[", "inputs", "-",
)  # fmt: skip


def test_whatever_it_holds_each_mistake_has_its_next_step(tmp_path: Path) -> None:
    rng = random.Random(5)
    for _ in range(400):
        text = list(WHOLE)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(text))
            text[at : at + rng.choice((0, 1, 1, 20))] = rng.choice((*PIECES, ""))
        (tmp_path / "callsheet.toml").write_bytes("".join(text).encode())
        try:
            settings_in(tmp_path)
        except PipelineError as error:
            assert all(d.message and d.help and d.span.place for d in error.diagnostics)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "stoer = 1\nconcurrency = 'x'\n[budget]\nrun = true\n")
    assert [place for _, place, _ in found] == ["1:1", "2:1", "4:1"]


def test_a_text_of_several_lines_hides_no_key(tmp_path: Path) -> None:
    text = 'store = """\nconcurrency = 5\n"""\nconcurrency = "x"\n'
    assert ("settings-value", "4:1", "concurrency") in mistakes(tmp_path, text)


def test_what_only_looks_like_a_key_is_passed_over(tmp_path: Path) -> None:
    text = "# ''' of several lines\nstore = '''\n\"\\q\" = 1\n'''\nconcurrency = 'x'\n"
    found = mistakes(tmp_path, text)
    assert [code for code, _, _ in found] == ["settings-value", "settings-value"]


def test_what_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "callsheet.toml").write_bytes(b"store = '\xff'")
    with pytest.raises(PipelineError, match="1 error"):
        settings_in(tmp_path)
    (tmp_path / "callsheet.toml").unlink()
    (tmp_path / "callsheet.toml").mkdir()
    with pytest.raises(PipelineError, match="1 error"):
        settings_in(tmp_path)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("store = 's3://x'")
    project = tmp_path / "project"
    project.mkdir()
    (project / "callsheet.toml").symlink_to("../secret.toml")
    with pytest.raises(PipelineError) as found:
        settings_in(project)
    assert "outside the project" in found.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("version", "requirement", "whether"),
    [
        ("0.2.0", ">=0.2", True),
        ("0.2.0", ">0.2", False),
        ("0.10.1", ">=0.9, <1", True),
        ("1.0", "!=1.0.0", False),
        ("0.2.0.dev3", "==0.2.0", True),
        ("0.2.0", "<=0.1.9", False),
    ],
)
def test_versions(version: str, requirement: str, whether: bool) -> None:
    assert fits(version, requirement) is whether
    assert fits(__version__, f"=={__version__}")
