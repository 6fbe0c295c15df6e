"""YAML with positions: values, places, and everything hostile that a file can hold."""

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.render import render
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar, to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.spec.rules.expressions import meaningless_name


def read(text: str) -> tuple[YamlNode | None, Report]:
    report = Report()
    return read_yaml(Source(Path("film.yaml"), text), report), report


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16:9", "16:9"), ("012", 12), ("1e3", 1000.0),
        ("on", "on"), ("no", "no"), ("2024-01-01", "2024-01-01"),
        ("1:30", "1:30"), ("0x1F", 31),
        ("0o17", 15), ("true", True), ("True", True), ("yes", "yes"), ("~", None),
        (".5", 0.5), ("-3", -3), ("'12'", "12"), ('"true"', "true"), ("1_000", "1_000"), ("=", "="),
    ],
)  # fmt: skip
def test_core_rules(text: str, expected: object) -> None:
    node, report = read(f"a: {text}")
    assert to_data(node) == {"a": expected} and not report.found  # type: ignore[arg-type]


def test_an_expression_of_other_tools_is_named():
    """YAML reads it as a mapping whose key is a mapping."""
    _, report = read("a: {{ inputs.hero }}")
    (found,) = report.sorted()
    assert found.help == 'an expression is written `"${{ … }}"`'
    _, report = read("? [a]\n: 1")
    assert not report.sorted()[0].help


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: [1", "yaml-syntax", 1),
        ("a:\n\tb: 1", "yaml-syntax", 2),
        ("a: &x 1\nb: *x", "yaml-alias", 1),
        ("b: *x", "yaml-alias", 1),
        ("a: {<<: {b: 1}}", "yaml-alias", 1),
        ("a: !!python/object:os.system x", "yaml-tag", 1),
        ("a: 1\nb: 2\na: 3", "yaml-duplicate-key", 3),
        ("[" * 100_000, "yaml-too-deep", 1),
        ("{a: " * 100_000, "yaml-too-deep", 1),
        ("a: \x01", "yaml-syntax", 1),
        ("a: .inf", "yaml-number", 1),
        ("a: " + "9" * 5000, "yaml-number", 1),
        ("a: 1\n---\nb: 2", "yaml-syntax", 2),
        ("? [a]\n: 1", "wrong-shape", 1),
        ("a: 'x", "yaml-syntax", 1),
        ("\n".join(f"x{i}: [" + "1," * 60 + "]" for i in range(5000)), "yaml-too-large", 4033),
    ],
)  # fmt: skip
def test_hostile_text_is_a_positioned_message(text: str, code: str, line: int) -> None:
    _, report = read(text)
    (found,) = report.sorted()
    assert found.code == code and found.span.source.position(found.span.start)[0] == line
    assert render(found)


@pytest.mark.parametrize("mark", ["'", '"'])
def test_an_open_quote_is_found_where_it_begins(mark: str) -> None:
    _, report = read(f"a: {{b: 1}}\nc: {mark}text\nd:\n  e: ${{{{ f.g }}}}\n")
    (found,) = report.sorted()
    assert found.span.source.position(found.span.start) == (2, 4) and found.span.text == mark
    assert found.message == f"the text that begins here has no closing {mark}"


def test_a_file_of_a_similar_name_is_proposed(tmp_path: Path) -> None:
    (tmp_path / "film.yaml").touch()
    report = Report()
    assert read_source(tmp_path / "flim.yaml", report) is None
    assert read_source(tmp_path / "nowhere" / "film.yaml", report) is None
    assert sorted(found.help for found in report.sorted()) == [
        "check the path and its permissions",
        f"did you mean `{tmp_path / 'film.yaml'}`?",
    ]


def scalars(node: YamlNode | None) -> list[YamlScalar]:
    return [v for _, _, v in node if isinstance(v, YamlScalar)] if isinstance(node, YamlMap) else []


WORD = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12
)
TEXT = st.lists(WORD, min_size=1, max_size=6).map("\n".join) | st.lists(WORD, max_size=8).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.sampled_from(["|", ">", "'", '"']))
def test_every_character_is_found_again(text: str, style: str) -> None:
    written = (
        yaml.safe_dump({"k": text}, default_style=None, allow_unicode=True)
        if style == ""
        else (
            "k: "
            + yaml.dump(text, default_style=style, allow_unicode=True, width=20)
            .replace("\n", "\n  ")
            .rstrip(" ")
        )
    )
    try:
        same = yaml.safe_load(written) == {"k": text}
    except yaml.YAMLError:
        same = False
    if not same:
        return
    node, _ = read(written)
    (scalar,) = scalars(node)
    for i, char in enumerate(scalar.text):
        place = scalar.locate(i, i + 1)
        if char.isalnum() and len(place.text) == 1:
            assert place.text == char or "\\" in scalar.span.text


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_broken_files_never_raise(rng: random.Random) -> None:
    text = 'callsheet: 1\nnodes:\n  a: {uses: x, with: {p: "${{ inputs.x }}", q: [1, 2]}}\n  b: |\n    text\n'
    chars = list(text)
    for _ in range(rng.randint(1, 6)):
        chars[rng.randrange(len(chars))] = rng.choice("{}[]:,&*!|>'\"%@`\t\n#?-\0\x7f\u2028a1")
    node, report = read("".join(chars))
    assert node is not None or report.found or not "".join(chars).strip()
    for diagnostic in report.sorted():
        assert diagnostic.span.place and render(diagnostic)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for data, code in (
        (b"a: \xff\xfe", "not-utf8"),
        (b"a" * 2_000_000, "file-unreadable"),
        (None, "file-unreadable"),
    ):
        path = tmp_path / "film.yaml"
        path.unlink(missing_ok=True)
        if data is not None:
            path.write_bytes(data)
        report = Report()
        assert read_source(path, report) is None
        assert [d.code for d in report.sorted()] == [code] and report.sorted()[0].help


def test_carets_stand_under_wide_text() -> None:
    node, report = read("a: 日本語 🎬 x")
    (scalar,) = scalars(node)
    report.add(scalar.locate(6, 7), meaningless_name("本"))
    lines = render(report.sorted()[0]).splitlines()
    assert lines[1] == "    1 | a: 日本語 🎬 x"
    assert lines[2] == "      | " + " " * (3 + 6 + 1 + 2 + 1) + "^"


def test_windows_line_ends_and_bom(tmp_path: Path) -> None:
    path = tmp_path / "film.yaml"
    path.write_bytes("\ufeffa: x\r\nb: |\r\n  one ${{ q }}\r\n  two\r\n".encode())
    report = Report()
    source = read_source(path, report)
    assert source is not None
    node = read_yaml(source, report)
    _, block = scalars(node)
    assert block.locate(block.text.index("q"), block.text.index("q") + 1).place.endswith(":3:11")
